/** The people, doses and mornings that the pretend laptop tells of. */
const DAY = 86_400_000;
export const now = () => Date.now();
export const isoDay = (ms) => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10);

export const plain = (register, text, more = {}) => ({ register, text, precision: null, relation: null, phone: null, ...more });
const who = (more = {}) => ({
  author: "a1",
  author_name: "Lê Thị Hồng",
  device: "d1",
  device_name: "Bàn 1",
  site: "Hẻm 42 Nguyễn Trãi",
  said_at_ms: now(),
  corrected_at_ms: now(),
  clock: "good",
  ...more,
});

export const products = [
  { code: "astrazeneca", name: "COVID-19 Vaccine AstraZeneca", doses: 2 },
  { code: "pfizer", name: "Comirnaty", doses: 2 },
  { code: "moderna", name: "Spikevax", doses: 2 },
  { code: "vero-cell", name: "COVID-19 Vaccine (Vero Cell), Inactivated", doses: 2 },
  { code: "sputnik-v", name: "Gam-COVID-Vac (Sputnik V)", doses: 2 },
  { code: "janssen", name: "COVID-19 Vaccine Janssen", doses: 1 },
  { code: "hayat-vax", name: "Hayat-Vax", doses: 2 },
  { code: "abdala", name: "Abdala", doses: 3 },
];
export const nameOf = (code) => products.find((product) => product.code === code)?.name ?? code;

let nextStatement = 1;
export function dose(more = {}) {
  const given_at_ms = more.given_at_ms ?? now() - 40 * DAY;
  const product = more.product ?? "astrazeneca";
  return {
    statement: `s${nextStatement++}`,
    citizen: "c1",
    product,
    product_name: nameOf(product),
    lot: "ABV8139",
    lot_expiry: "2026-12-31",
    number: 1,
    given_at_ms,
    given_on: isoDay(given_at_ms),
    body_site: "left_arm",
    route: "im",
    source: "typed",
    state: "given",
    amended: [],
    in_spite_of: [],
    who: who(),
    copies: "nation",
    ...more,
  };
}

const due = (more) => ({
  state: "first",
  number: 1,
  products: products.map((product) => product.code),
  earliest: null,
  recommended_from: null,
  recommended_to: null,
  days_left: null,
  ...more,
});

export function person(id, name, fields, more = {}) {
  return {
    id,
    own_code: `SOTIEM:1:${id.toUpperCase()}7Q2KX9M4ZD3PTWA6:5C`,
    cards: [id],
    name,
    fields: [plain("name", name), ...fields].map((shown) => ({ register: shown.register, shown, others: [], source: "scanned" })),
    doses: [],
    due: due(),
    conflicts: [],
    waiting: 0,
    state_root: "00",
    ...more,
  };
}

export function people() {
  const khai = person(
    "c1",
    "Nguyễn Thị Minh Khai",
    [
      plain("birth", "1990-05-01", { precision: "day" }),
      plain("sex", "female"),
      plain("national_id", "079190004521"),
      plain("phone", "0912345678"),
      plain("address", "42/7 Nguyễn Trãi, phường Bến Thành, Quận 1, Thành phố Hồ Chí Minh"),
      plain("priority_group", "9"),
    ],
    {
      doses: [dose({ given_at_ms: now() - 62 * DAY })],
      due: due({
        state: "next",
        number: 2,
        products: ["astrazeneca", "pfizer"],
        earliest: isoDay(now() - 6 * DAY),
        recommended_from: isoDay(now() - 6 * DAY),
        recommended_to: isoDay(now() + 22 * DAY),
        days_left: -6,
      }),
    },
  );
  const duc = person("c2", "Trần Đức Ưng", [
    plain("birth", "1948-01-01", { precision: "estimated" }),
    plain("sex", "male"),
    plain("phone", "02838224455"),
    plain("address", "Chung cư 312 Lạc Long Quân, phường 5, Quận 11"),
  ]);
  const an = person(
    "c3",
    "Phạm Ngọc Ánh",
    [
      plain("birth", "2009-11-22", { precision: "day" }),
      plain("sex", "female"),
      plain("insurance_id", "HS4797900123456"),
      plain("guardian", "Phạm Văn Lượng", { relation: "father", phone: "0909123456" }),
      plain("address", "Ấp 3, xã Vĩnh Lộc B, huyện Bình Chánh"),
    ],
    {
      doses: [
        dose({ citizen: "c3", product: "pfizer", lot: "FK9412", given_at_ms: now() - 90 * DAY, number: 1 }),
        dose({
          citizen: "c3",
          product: "pfizer",
          lot: "FL1087",
          given_at_ms: now() - 60 * DAY,
          number: 2,
          amended: ["lot"],
          who: who({ site: "Trường THCS Vĩnh Lộc", device_name: "Bàn 3", author_name: "Đỗ Quốc Bảo", clock: "fair" }),
        }),
      ],
      due: due({ state: "complete", number: null, products: [] }),
    },
  );
  const chau = person(
    "c4",
    "Lê Thị Bảo Châu",
    [
      plain("birth", "1985-03-14", { precision: "day" }),
      plain("sex", "female"),
      plain("national_id", "079185001177"),
      plain("address", "15 Lê Lợi, phường Bến Nghé, Quận 1"),
    ],
    {
      waiting: 1,
      doses: [
        dose({ citizen: "c4", given_at_ms: now() - 80 * DAY }),
        dose({
          citizen: "c4",
          given_at_ms: now() - 12 * DAY,
          number: 2,
          lot: "ABX1604",
          copies: "hub",
          in_spite_of: ["too_soon"],
          who: who({ site: "Chung cư 312 Lạc Long Quân", device_name: "Bàn 2", author_name: "", clock: "unknown" }),
        }),
        dose({
          citizen: "c4",
          given_at_ms: now() - 12 * DAY + 1_900_000,
          number: 2,
          lot: "ABX1604",
          state: "echo",
          copies: "nation",
          source: "paper",
          who: who({ site: "Trạm y tế phường 5", device_name: "Máy trạm", clock: "wrong" }),
        }),
        dose({ citizen: "c4", given_at_ms: now() - 90 * DAY, number: 1, lot: "NHAM001", state: "withdrawn" }),
      ],
      due: due({ state: "unclear", number: null, products: [] }),
    },
  );
  const echo = chau.doses[1];
  chau.conflicts = [
    {
      case: "k1",
      kind: "same_dose_twice",
      involved: [echo.statement, chau.doses[2].statement],
      status: "settled",
      answer: "same_dose",
      answer_names: echo.statement,
      note: "Đối chiếu với phiếu giấy số 0412: chỉ có một mũi.",
      register: null,
    },
    { case: "k2", kind: "edited_in_two_places", involved: ["x", "y"], status: "open", answer: null, answer_names: null, note: null, register: "phone" },
  ];
  chau.fields.push({ register: "phone", shown: plain("phone", "0987654321"), others: [plain("phone", "0978654321")], source: "typed" });
  const hostile = person("c5", `<img src=x onerror="document.title='hit'"> {@html '<b>x</b>'}`, [
    plain("birth", "1971-09-09", { precision: "day" }),
    plain("sex", "male"),
    plain("address", "A".repeat(180)),
  ]);
  return [khai, duc, an, chau, hostile];
}

/** Somebody of another province, who shows her card here. */
export function fromElsewhere() {
  const fields = [plain("birth", "1992-08-17", { precision: "day" }), plain("sex", "female"), plain("national_id", "079192008765")];
  const doses = [dose({ citizen: "c7", given_at_ms: now() - 70 * DAY, who: who({ device: "d7", site: "Trạm y tế phường Vỹ Dạ", device_name: "Bàn Huế", author_name: "Tôn Nữ Hà" }) })];
  return [person("c7", "Đặng Thị Ngọc Hân", fields, { doses, due: due({ state: "next", number: 2, days_left: -3 }) })];
}

/** The first of the people had another dose elsewhere since this laptop heard of her. */
export function sinceThen() {
  const [khai] = people();
  khai.doses.push(dose({ number: 2, given_at_ms: now() - 3 * DAY, who: who({ device: "d8", site: "Chợ Bến Thành", device_name: "Bàn 2", author_name: "Đỗ Quốc Bảo" }) }));
  return [{ ...khai, due: due({ state: "complete", number: null, products: [] }), state_root: "01" }];
}

export const registers = (view) => Object.fromEntries(view.fields.map((field) => [field.register, field.shown]));

export function lineOf(view) {
  const known = registers(view);
  const given = view.doses.filter((each) => each.state === "given");
  return {
    id: view.id,
    name: view.name,
    birth: known.birth?.text ?? "",
    birth_precision: known.birth?.precision ?? "day",
    sex: known.sex?.text ?? "",
    id_tail: (known.national_id ?? known.insurance_id)?.text.slice(-4) ?? "",
    phone_tail: known.phone?.text.slice(-4) ?? "",
    address: known.address?.text ?? "",
    doses_given: given.length,
    last_given_at_ms: given.length ? Math.max(...given.map((each) => each.given_at_ms)) : null,
    has_conflict: view.conflicts.some((each) => each.status === "open"),
  };
}

export const key = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("đ", "d");

/** A busy morning. */
export function busyDay() {
  const names = ["Nguyễn Thị Minh Khai", "Trần Đức Ưng", "Phạm Ngọc Ánh", "Võ Thị Sáu", "Huỳnh Thúc Kháng", "Đặng Thuỳ Trâm", "Lý Tự Trọng", "Bùi Thị Xuân", "Hồ Thị Kỷ", "Tạ Quang Bửu", "Ngô Gia Tự", "Lê Hồng Phong", "Mạc Đĩnh Chi", "Ỷ Lan"];
  return names.map((citizen_name, at) => ({
    citizen: `c${(at % 4) + 1}`,
    citizen_name,
    dose: dose({
      given_at_ms: now() - at * 190_000,
      product: products[at % 3].code,
      number: (at % 2) + 1,
      lot: ["ABV8139", "FK9412", "940915"][at % 3],
      copies: at < 5 ? "here" : at < 9 ? "hub" : "nation",
      state: at === 3 ? "withdrawn" : "given",
      in_spite_of: at === 6 ? ["too_soon"] : [],
    }),
  }));
}
