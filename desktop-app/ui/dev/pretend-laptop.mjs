/**
 * A design aid: answers the window's commands from memory, so that every screen and state can be looked
 * at without a camera, a store or a network. It knows no rules; no test relies on it.
 */
import { dose, isoDay, key, lineOf, nameOf, now, people, person, plain, products, registers } from "./pretend-people.mjs";

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
    /** People as the nation knows them: fetched when their card or slip is asked about. */
    this.nation = set.nation ?? [];
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
    this.siteHub = set.siteHub ?? { phase: "never", name: "", areas: [], addresses: [], waiting: 0, last_contact_ms: null, detail: null };
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
    if (text.startsWith("SOTIEM:")) {
      const known = this.people.find((view) => view.own_code === text);
      return known ? { kind: "citizen", citizen: known.id } : { kind: "not_understood", reason: "own_code_unknown_here" };
    }
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
      return { kind: "new_card", prior: null, form: { values, source: "scanned", scan: text, citizen: "n1", doubts: ["birth_year_against_number"] } };
    }
    if (text.startsWith("http")) return { kind: "not_understood", reason: "a_web_link" };
    const lines = this.people
      .filter((view) => key(view.name).includes(key(text)) || JSON.stringify(view.fields).includes(text))
      .map(lineOf);
    return { kind: "people", lines, more: false, form: { values: [plain("name", text)], source: "typed", scan: null, citizen: null, doubts: [] } };
  }
  async on_look_elsewhere({ text, from_camera }) {
    await new Promise((done) => setTimeout(done, 700));
    const number = text.split("|")[0];
    const known = this.nation.find((view) => view.own_code === text || registers(view).national_id?.text === number);
    if (!known) return { kind: "nothing" };
    this.nation = this.nation.filter((view) => view !== known);
    this.people = [...this.people.filter((view) => view.id !== known.id), known];
    return this.on_look({ text, from_camera });
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
  on_site_hub() {
    return this.siteHub;
  }
  on_site_hub_join({ code, name }) {
    if (code === "SAI") throw { code: "code_refused", params: {} };
    this.siteHub = { ...this.siteHub, name, areas: ["26734"] };
    return this.on_site_hub_start();
  }
  on_site_hub_start() {
    const addresses = ["http://192.168.1.7:8641"];
    this.siteHub = { ...this.siteHub, phase: "serving", addresses, waiting: 12, last_contact_ms: now() - 4 * 60_000 };
    return this.siteHub;
  }
  on_site_hub_stop() {
    this.siteHub = { ...this.siteHub, phase: "stopped", addresses: [] };
    return this.siteHub;
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
    const file = { file: "so-tiem-5f3a9c0217d4e8b1.return", unread: null, words: ["answer"], hub: null, entries: 214, is_damaged: false };
    return { files: [file], national_to: this.sync.log_head, held_to: this.sync.log_head, head: this.sync.log_head };
  }
}
