/**
 * A design aid: answers the window's commands from memory, so that every screen and state can be looked
 * at without a camera, a store or a network. It knows no rules; no test relies on it.
 */
const DAY = 86_400_000;
const now = () => Date.now();
const isoDay = (ms) => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10);

const plain = (register, text, more = {}) => ({ register, text, precision: null, relation: null, phone: null, ...more });
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
const nameOf = (code) => products.find((product) => product.code === code)?.name ?? code;

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

function person(id, name, fields, more = {}) {
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

const registers = (view) => Object.fromEntries(view.fields.map((field) => [field.register, field.shown]));

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

const key = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("đ", "d");

export class PretendLaptop {
  constructor(set = {}) {
    this.status = {
      state: "open",
      app_version: "0.1.0",
      device: "d1",
      device_name: "Bàn 1",
      site: "Hẻm 42 Nguyễn Trãi",
      area: "79760",
      user_name: "Lê Thị Hồng",
      campaign: "thử nghiệm",
      language: "vi",
      wait_s: 0,
      unsealed: 0,
      notice: null,
      ...set.status,
    };
    this.people = set.people ?? people();
    this.camera = { state: "live", trouble: null, source: "Camera", ...set.camera };
    this.preview = set.preview ?? null;
    this.reads = set.reads ?? [];
    this.sync = {
      phase: "idle",
      server_url: "https://tram.quan1.example.vn",
      last_contact_ms: now() - 14 * 60_000,
      next_try_ms: now() + 46_000,
      trouble: null,
      to_push: 37,
      hubs_nearby: [{ url: "http://192.168.1.44:8640", name: "Trạm y tế phường 12" }],
      prior: { as_of: "2021-09-29", citizens: 8_412_005, bytes: 14_902_118, bytes_missing: 0 },
      to_push_anywhere: 12,
      hubs: [
        { url: "http://192.168.1.20:8640", name: "Trung tâm y tế quận 5", last_contact_ms: now() - 140_000, trouble: null },
        { url: "http://10.0.0.7:8640", name: null, last_contact_ms: null, trouble: "no_network" },
      ],
      pushed: 1163,
      pulled: 48_210,
      log_epoch: 1,
      log_head: 1200,
      log_words: "gấu cừu vịnh thỏ muối xoài",
      durable_to: 1163,
      clock_offset_ms: 420,
      area_ready: true,
      attention: [],
      copies_of_last: "here",
      ...set.sync,
    };
    this.findings = set.findings ?? [];
    this.todayDoses = set.today ?? [];
    this.lots = set.lots ?? [
      { product: "astrazeneca", lot: "ABV8139", expiry: "2026-12-31" },
      { product: "astrazeneca", lot: "ABX1604", expiry: "2027-02-28" },
      { product: "pfizer", lot: "FK9412", expiry: "2026-11-30" },
      { product: "moderna", lot: "940915", expiry: null },
    ];
    this.fail = set.fail ?? {};
    this.slow = set.slow ?? [];
    this.lookalikes = set.lookalikes ?? false;
    this.again = set.again ?? null;
    this.seq = 0;
    this.wrongPins = 0;
  }

  find(id) {
    const view = this.people.find((each) => each.id === id);
    if (!view) throw { code: "unknown_citizen", params: {} };
    return view;
  }

  async ask(command, args) {
    if (this.slow.includes(command)) await new Promise(() => {});
    const failing = this.fail[command];
    if (failing) throw typeof failing === "string" ? { code: failing, params: {} } : failing;
    if (typeof this[`on_${command}`] !== "function") throw { code: "bad_request", params: { command } };
    return this[`on_${command}`](args);
  }

  on_status() {
    return this.status;
  }
  on_enrol(args) {
    if (args.code === "HETHAN") throw { code: "code_expired", params: {} };
    this.status = { ...this.status, state: "open", device_name: args.device_name, user_name: args.user_name };
    return this.status;
  }
  on_unlock({ pin }) {
    if (pin !== "246813") {
      this.wrongPins += 1;
      if (this.wrongPins >= 3) this.status.wait_s = 30;
      throw { code: this.status.wait_s > 0 ? "pin_wait" : "wrong_pin", params: {} };
    }
    this.status = { ...this.status, state: "open", wait_s: 0, unsealed: 0 };
    return this.status;
  }
  on_lock() {
    this.status = { ...this.status, state: "locked" };
    return this.status;
  }
  on_set_language({ language }) {
    this.status = { ...this.status, language };
    return this.status;
  }
  view() {
    return { seq: ++this.seq, ...this.camera, preview: this.camera.state === "live" ? this.preview : null, reads: [] };
  }
  on_camera_start() {
    return this.view();
  }
  on_camera_stop() {
    return this.view();
  }
  on_camera_retry() {
    return this.view();
  }
  async on_camera_next() {
    await new Promise((done) => setTimeout(done, 120));
    const view = this.view();
    const next = this.reads.shift();
    if (next) view.reads = [{ seq: view.seq, ...next }];
    return view;
  }
  on_look({ text }) {
    if (/^\d{12}\|/.test(text)) {
      const [number, old, name, birth, sex, address] = text.split("|");
      const known = this.people.find((view) => registers(view).national_id?.text === number);
      if (known) return { kind: "citizen", citizen: known.id };
      const iso = `${birth.slice(4)}-${birth.slice(2, 4)}-${birth.slice(0, 2)}`;
      const values = [
        plain("name", name),
        plain("birth", iso, { precision: "day" }),
        plain("sex", sex === "Nữ" ? "female" : "male"),
        plain("national_id", number),
        ...(old ? [plain("old_national_id", old)] : []),
        plain("address", address),
      ];
      return { kind: "new_card", form: { values, source: "scanned", scan: text, citizen: "n1", doubts: ["birth_year_against_number"] } };
    }
    if (text.startsWith("http")) return { kind: "not_understood", reason: "a_web_link" };
    const lines = this.people
      .filter((view) => key(view.name).includes(key(text)) || JSON.stringify(view.fields).includes(text))
      .map(lineOf);
    return { kind: "people", lines, more: false, form: { values: [plain("name", text)], source: "typed", scan: null, citizen: null, doubts: [] } };
  }
  on_open_citizen({ citizen }) {
    return this.find(citizen);
  }
  on_register({ form, in_spite_of_lookalikes }) {
    const problems = ["name", "birth", "sex"]
      .filter((register) => !form.values.some((value) => value.register === register))
      .map((register) => ({ register, problem: "empty" }));
    for (const value of form.values) {
      if (value.register === "phone" && !/^0\d{9,10}$/.test(value.text)) problems.push({ register: "phone", problem: "phone" });
      if (value.register === "national_id" && !/^\d{12}$/.test(value.text)) problems.push({ register: "national_id", problem: "digits" });
    }
    if (problems.length) return { kind: "refused", problems };
    if (this.lookalikes && !in_spite_of_lookalikes) return { kind: "lookalikes", lines: this.people.slice(0, 2).map(lineOf) };
    const name = form.values.find((value) => value.register === "name").text;
    const view = person(`n${this.people.length}`, name, form.values.filter((value) => value.register !== "name"));
    this.people = [...this.people, view];
    return { kind: "citizen", citizen: view.id };
  }
  on_edit_citizen({ citizen, values }) {
    const view = this.find(citizen);
    for (const shown of values) {
      view.fields = [...view.fields.filter((each) => each.register !== shown.register), { register: shown.register, shown, others: [], source: "typed" }];
      if (shown.register === "name") view.name = shown.text;
    }
    return structuredClone(view);
  }
  on_dose_sheet({ citizen }) {
    const view = this.find(citizen);
    return {
      citizen,
      products,
      lots: this.lots,
      proposed_product: view.due.number > 1 ? view.due.products[0] : null,
      proposed_number: view.due.number ?? view.doses.length + 1,
      body_sites: ["left_arm", "right_arm", "left_thigh", "right_thigh"],
      routes: ["im", "sc", "id", "po"],
    };
  }
  on_check_dose(draft) {
    const problems = [];
    if (draft.lot === "") problems.push({ register: "lot", problem: "empty" });
    else if (!/^[A-Za-z0-9./_-]+$/.test(draft.lot)) problems.push({ register: "lot", problem: "alphabet" });
    return { findings: problems.length ? [] : this.findings, problems };
  }
  on_give_dose({ draft, in_spite_of }) {
    if (this.again) {
      const findings = this.again;
      this.again = null;
      this.findings = findings;
      return { kind: "look_again", checked: { findings, problems: [] } };
    }
    const view = this.find(draft.citizen);
    const given = dose({
      citizen: draft.citizen,
      product: draft.product,
      lot: draft.lot.toUpperCase(),
      lot_expiry: draft.lot_expiry,
      number: draft.number,
      body_site: draft.body_site,
      route: draft.route,
      given_at_ms: now(),
      in_spite_of,
      copies: "here",
    });
    view.doses = [...view.doses, given];
    this.todayDoses = [...this.todayDoses, { citizen: view.id, citizen_name: view.name, dose: given }];
    this.sync.to_push += 1;
    this.sync.log_head += 1;
    return { kind: "saved", statement: given.statement, undo_until_ms: now() + 10_000, now_ms: now() };
  }
  on_withdraw({ statement }) {
    const view = this.people.find((each) => each.doses.some((given) => given.statement === statement));
    if (!view) throw { code: "unknown_statement", params: {} };
    view.doses = view.doses.map((given) => (given.statement === statement ? { ...given, state: "withdrawn" } : given));
    return structuredClone(view);
  }
  on_correct_dose({ dose: statement, field, value }) {
    const view = this.people.find((each) => each.doses.some((given) => given.statement === statement));
    view.doses = view.doses.map((given) =>
      given.statement === statement ? { ...given, [field]: field === "number" ? Number(value) : value, amended: [field] } : given,
    );
    return structuredClone(view);
  }
  on_today() {
    const lines = this.todayDoses;
    const counted = lines.filter((line) => line.dose.state === "given");
    const by = new Map();
    for (const { dose: given } of counted) by.set(given.product, (by.get(given.product) ?? 0) + 1);
    return {
      date: isoDay(now()),
      people: new Set(counted.map((line) => line.citizen)).size,
      doses: counted.length,
      withdrawn: lines.length - counted.length,
      here_only: this.sync.to_push,
      at_hub: 210,
      at_nation: 953,
      by_product: [...by].map(([product, doses]) => ({ product, product_name: nameOf(product), doses })),
      lines,
    };
  }
  on_sync_state() {
    return this.sync;
  }
  on_set_hubs({ urls }) {
    if (urls.some((url) => !/^https?:\/\//.test(url))) throw { code: "server_url_bad", params: {} };
    const known = (url) => this.sync.hubs.find((hub) => hub.url === url);
    const hubs_nearby = this.sync.hubs_nearby.filter((hub) => !urls.includes(hub.url));
    this.sync = { ...this.sync, hubs_nearby, hubs: urls.map((url) => known(url) ?? { url, name: null, last_contact_ms: null, trouble: null }) };
    return this.sync;
  }
  on_sync_now() {
    this.sync = { ...this.sync, to_push: 0, to_push_anywhere: 0, durable_to: this.sync.log_head, copies_of_last: "nation", last_contact_ms: now() };
    return this.sync;
  }
  on_stick_state() {
    return {
      volumes: [{ path: "/media/doi/USB-TRAM-5", name: "USB-TRAM-5", free_bytes: 7_800_000_000 }],
      entries: this.sync.to_push,
      bytes_max: 16_384 + this.sync.to_push * 300,
      readers: ["Chiến dịch 2021"],
      last: this.stick ?? null,
    };
  }
  on_stick_export() {
    const entries = this.sync.to_push;
    this.stick = { made_ms: now(), entries, answered_ms: null };
    return { file: "so-tiem-5f3a9c0217d4e8b1.outward", bytes: 1_900 + entries * 110, entries, readers: ["Chiến dịch 2021"] };
  }
  on_stick_import() {
    this.sync = { ...this.sync, to_push: 0, to_push_anywhere: 0, durable_to: this.sync.log_head, copies_of_last: "nation" };
    if (this.stick) this.stick = { ...this.stick, answered_ms: now() };
    const file = { file: "so-tiem-5f3a9c0217d4e8b1.return", unread: null, words: ["answer"], entries: 214, is_damaged: false };
    return { files: [file], national_to: this.sync.log_head, head: this.sync.log_head };
  }
}

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
