//! People who exist nowhere else, and every form in which their names and numbers might lie somewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use shared_model::ids::to_hex;
use shared_model::text::search_key;
use shared_model::view::{RegistrationForm, ValueView};

use super::bench::{Bench, PIN, TEAM, value};
use crate::desk::view::{CorrectDose, EditCitizen, Look, LookAnswer, Register, Registered, Withdraw};

/// Syllables of names, composed; their accents are written apart below.
const SYLLABLES: [&str; 12] =
    ["Phượng", "Nguyệt", "Thuỷ", "Hằng", "Đức", "Khuê", "Mẫn", "Quỳnh", "Xuyến", "Diễm", "Trường", "Oánh"];

/// Somebody with a unique text in every field that a person can type.
pub struct Person {
    n: usize,
}

fn syllables(n: usize) -> String {
    [n % 12, n / 12 % 12, (n * 7 + 5) % 12].map(|at| SYLLABLES[at]).join(" ")
}

impl Person {
    pub fn number(n: usize) -> Self {
        Self { n }
    }

    /// Digits that no other person has.
    fn digits(&self, before: &str, count: usize) -> String {
        let own = (self.n * 104_729 + 271_828) % 10_usize.pow(u32::try_from(count).unwrap());
        format!("{before}{own:0count$}")
    }

    fn name(&self) -> String {
        format!("Trương {}", syllables(self.n))
    }

    fn national_id(&self) -> String {
        self.digits("079190", 6)
    }

    fn address(&self) -> String {
        format!("{}/{} hẻm {} đường Nguyễn Duy Trinh", self.n + 100, self.n + 7, syllables(self.n + 3))
    }

    fn guardian(&self) -> (String, String, String) {
        let (name, relation) =
            (format!("Đặng {}", syllables(self.n + 60)), format!("bà ngoại nuôi của {}", syllables(self.n + 9)));
        (name, relation, self.digits("0976", 6))
    }

    fn note(&self, about: &str) -> String {
        format!("{about}: {} gọi lại số {}", syllables(self.n + 30), self.digits("0388", 6))
    }

    fn scan(&self) -> String {
        format!("{}|{}|{}|01051990|Nữ|{}|31122021", self.national_id(), self.old_id(), self.name(), self.address())
    }

    fn old_id(&self) -> String {
        self.digits("352", 6)
    }

    /// Everything of this person that must lie nowhere readable.
    fn texts(&self) -> Vec<String> {
        let (guardian, relation, guardians_phone) = self.guardian();
        vec![
            self.name(),
            self.national_id(),
            self.old_id(),
            self.digits("HS401", 10),
            self.digits("BX", 7),
            // A phone number may be kept with its country's code in place of the zero.
            self.digits("0918", 6)[1..].to_owned(),
            self.address(),
            guardian,
            relation,
            guardians_phone[1..].to_owned(),
            self.note("nhầm lô"),
            self.note("rút lại"),
            self.digits("LOT-", 8),
        ]
    }

    fn values(&self) -> Vec<ValueView> {
        let (guardian, relation, phone) = self.guardian();
        vec![
            value("name", &self.name()),
            value("birth", "1990-05-01"),
            value("sex", "female"),
            value("national_id", &self.national_id()),
            value("old_national_id", &self.old_id()),
            value("insurance_id", &self.digits("HS401", 10)),
            value("passport_id", &self.digits("BX", 7)),
            value("phone", &self.digits("0918", 6)),
            value("address", &self.address()),
            ValueView { relation: Some(relation), phone: Some(phone), ..value("guardian", &guardian) },
        ]
    }

    /// Comes to the table: by card or by name, is searched for, edited, injected, corrected, taken back.
    pub fn comes(&self, bench: &Bench) {
        let desk = &bench.desk;
        let mut form = RegistrationForm { source: "typed".to_owned(), ..RegistrationForm::default() };
        if self.n.is_multiple_of(3) {
            let scanned = desk.look(Look { text: self.scan(), from_camera: true }).unwrap();
            let LookAnswer::NewCard { form: read, .. } = scanned else { panic!("{scanned:?}") };
            form = read;
        }
        form.values = self.values();
        let registered = desk.register(Register { form, in_spite_of_lookalikes: true }).unwrap();
        let Registered::Citizen { citizen } = registered else { panic!("{registered:?}") };
        desk.look(Look { text: self.name(), from_camera: false }).unwrap();
        desk.look(Look { text: self.digits("0918", 6), from_camera: false }).unwrap();
        let phone = vec![value("phone", &self.digits("0918", 6))];
        desk.edit_citizen(EditCitizen { citizen: citizen.clone(), values: phone }).unwrap();
        let dose = bench.gives(&citizen).unwrap();
        let (field, lot) = ("lot".to_owned(), self.digits("LOT-", 8));
        let lot = CorrectDose { dose: dose.clone(), field, value: lot, note: self.note("nhầm lô") };
        desk.correct_dose(lot).unwrap();
        let reason = "mistake".to_owned();
        desk.withdraw(Withdraw { statement: dose, reason, note: self.note("rút lại") }).unwrap();
    }
}

/// The same text with every accent apart, as macOS and some keyboards write it.
fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd().collect()
}

/// Ways in which a text may lie in a file, by name.
pub fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let mut forms = vec![
        ("composed", text.as_bytes().to_vec()),
        ("decomposed", decomposed(text).into_bytes()),
        ("lower case", text.to_lowercase().into_bytes()),
        ("upper case", text.to_uppercase().into_bytes()),
        ("search key", search_key(text).into_bytes()),
        ("utf-16le", utf16(u16::to_le_bytes)),
        ("utf-16be", utf16(u16::to_be_bytes)),
        ("hex", to_hex(text.as_bytes()).into_bytes()),
        ("HEX", to_hex(text.as_bytes()).to_uppercase().into_bytes()),
        ("escaped", text.escape_default().to_string().into_bytes()),
    ];
    // Inside a longer text it may begin at any of three places of a base64 group; its own characters in the middle stay.
    for (skip, names) in
        [["base64 at 0", "url base64 at 0"], ["base64 at 1", "url base64 at 1"], ["base64 at 2", "url base64 at 2"]]
            .into_iter()
            .enumerate()
    {
        for (name, engine) in names.into_iter().zip([&STANDARD_NO_PAD, &URL_SAFE_NO_PAD]) {
            let padded = [&vec![0; skip][..], text.as_bytes()].concat();
            let encoded = engine.encode(&padded).into_bytes();
            let (from, to) = ((skip * 8).div_ceil(6), padded.len() * 8 / 6);
            forms.push((name, encoded[from..to].to_vec()));
        }
    }
    forms
}

/// Every canary's every form begins with at least so many bytes.
const BEGINNING: usize = 6;

/// Looks for all canaries at once.
pub struct Hunter {
    pub texts: usize,
    /// Whether any canary begins with these two bytes.
    begins: Vec<bool>,
    canaries: BTreeMap<[u8; BEGINNING], Vec<(&'static str, Vec<u8>)>>,
}

impl Hunter {
    /// After these people, the team and the PIN.
    pub fn after(people: &[Person]) -> Self {
        let mut texts: Vec<String> = people.iter().flat_map(Person::texts).collect();
        texts.extend([TEAM.to_owned(), PIN.to_owned()]);
        texts.sort();
        texts.dedup();
        let mut hunter = Self { texts: texts.len(), begins: vec![false; 1 << 16], canaries: BTreeMap::new() };
        for (form, bytes) in texts.iter().flat_map(|text| forms(text)) {
            let beginning: [u8; BEGINNING] = bytes[..BEGINNING].try_into().unwrap();
            hunter.begins[usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))] = true;
            hunter.canaries.entry(beginning).or_default().push((form, bytes));
        }
        hunter
    }

    pub fn forms(&self) -> usize {
        self.canaries.values().map(Vec::len).sum()
    }

    /// The forms in which any canary lies in these bytes, and how often.
    pub fn find(&self, bytes: &[u8]) -> BTreeMap<&'static str, usize> {
        let mut found = BTreeMap::new();
        for (at, start) in bytes.windows(BEGINNING).enumerate() {
            if !self.begins[usize::from(u16::from_be_bytes([start[0], start[1]]))] {
                continue;
            }
            for (form, canary) in self.canaries.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(canary) {
                    *found.entry(*form).or_default() += 1;
                }
            }
        }
        found
    }

    /// Every file below a folder in which a canary lies, its name included.
    pub fn hunt(&self, folder: &Path) -> Vec<(PathBuf, BTreeMap<&'static str, usize>)> {
        let mut hits = Vec::new();
        for path in every_file(folder) {
            let mut bytes = fs::read(&path).unwrap();
            bytes.extend(path.file_name().unwrap().to_string_lossy().as_bytes());
            let found = self.find(&bytes);
            if !found.is_empty() {
                hits.push((path, found));
            }
        }
        hits
    }
}

pub fn every_file(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(every_file(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn the_hunter_finds_every_form_of_every_field_wherever_it_begins() {
    let people: Vec<Person> = (0..3).map(Person::number).collect();
    let hunter = Hunter::after(&people);
    for text in people.iter().flat_map(Person::texts) {
        for (form, bytes) in forms(&text) {
            let lies = [&b"\0\xff 12"[..], &bytes, b"\"}"].concat();
            assert!(hunter.find(&lies).values().sum::<usize>() > 0, "{form} of {text}");
        }
        for before in ["", "x", "xx", "xxx"] {
            let lies = STANDARD_NO_PAD.encode(format!("{before}{text} và thêm nữa"));
            assert!(hunter.find(lies.as_bytes()).keys().any(|form| form.contains("base64")), "{text} after {before:?}");
        }
    }
    assert_eq!(hunter.find(&[0; 100_000]), BTreeMap::new());
}
