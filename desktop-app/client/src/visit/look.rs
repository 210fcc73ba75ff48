//! ③ A text from the camera, a wedge scanner or a keyboard: who is it, or who might it be?

use shared_model::citizen::{InsuranceId, Phone, Register, RegisterValue};
use shared_model::ids::CitizenId;
use shared_model::scanned::{
    ChipCard, Doubt, InsuranceCard, NotUnderstood, OwnCode, Scanned, Typed, understand, understand_typed,
};
use shared_model::view::{CitizenLine, RegistrationForm, ValueView, value_view};

use crate::desk::view::{Look, LookAnswer};
use crate::laptop::Laptop;
use crate::store::{StoreError, citizen};

/// As many as fit one screen; more means: type more.
const LINES_MAX: usize = 30;

impl Laptop {
    pub fn look(&self, look: &Look) -> Result<LookAnswer, StoreError> {
        if look.from_camera {
            return self.scanned(understand(&look.text), &look.text);
        }
        match understand_typed(&look.text) {
            Typed::Scan(scanned) => self.scanned(scanned, &look.text),
            Typed::NationalId(id) => self.typed_identifier(RegisterValue::NationalId(id)),
            Typed::OldNationalId(id) => self.typed_identifier(RegisterValue::OldNationalId(id)),
            Typed::InsuranceId(id) => self.typed_identifier(RegisterValue::InsuranceId(id)),
            Typed::PassportId(id) => self.typed_identifier(RegisterValue::PassportId(id)),
            Typed::Phone(phone) => self.phone_or_insurance(phone),
            Typed::Born(birth) => {
                let form = typed_form(vec![value_view(&RegisterValue::Birth(birth))]);
                Ok(LookAnswer::People { lines: Vec::new(), more: false, form })
            }
            Typed::Words(key) => self.words(&key, look.text.trim()),
            Typed::Nothing => Ok(LookAnswer::Nothing),
        }
    }

    fn scanned(&self, scanned: Scanned, scan: &str) -> Result<LookAnswer, StoreError> {
        match scanned {
            Scanned::ChipCard(card) => self.chip_card(&card, scan),
            Scanned::Insurance(card) => self.insurance_card(&card, scan),
            Scanned::OwnCode(OwnCode { citizen }) => Ok(match self.line(citizen)? {
                Some(_) => LookAnswer::Citizen { citizen: citizen.to_string() },
                None => LookAnswer::NotUnderstood { reason: "own_code_unknown_here".to_owned() },
            }),
            Scanned::Unknown(NotUnderstood::Empty) => Ok(LookAnswer::Nothing),
            Scanned::Unknown(why) => Ok(LookAnswer::NotUnderstood { reason: why.code().to_owned() }),
        }
    }

    fn chip_card(&self, card: &ChipCard, scan: &str) -> Result<LookAnswer, StoreError> {
        let id = CitizenId::of_scanned_card(&self.membership.citizen_key(), &card.number);
        if self.line(id)?.is_some() {
            return Ok(LookAnswer::Citizen { citizen: id.to_string() });
        }
        let mut values = vec![
            RegisterValue::NationalId(card.number.clone()),
            RegisterValue::Name(card.name.clone()),
            RegisterValue::Birth(card.birth),
            RegisterValue::Sex(card.sex),
        ];
        values.extend(card.address.clone().map(RegisterValue::Address));
        values.extend(card.old_number.clone().map(RegisterValue::OldNationalId));
        let form = RegistrationForm { citizen: Some(id.to_string()), ..scanned_form(&values, scan, &card.doubts) };
        self.new_card_unless_typed_before(&values, form)
    }

    fn insurance_card(&self, card: &InsuranceCard, scan: &str) -> Result<LookAnswer, StoreError> {
        let mut values = vec![
            RegisterValue::InsuranceId(card.number.clone()),
            RegisterValue::Name(card.name.clone()),
            RegisterValue::Birth(card.birth),
        ];
        values.extend(card.sex.map(RegisterValue::Sex));
        values.extend(card.address.clone().map(RegisterValue::Address));
        let form = scanned_form(&values, scan, &card.doubts);
        self.new_card_unless_typed_before(&values, form)
    }

    /// A card nobody here has scanned may belong to somebody whose number was typed.
    fn new_card_unless_typed_before(
        &self,
        values: &[RegisterValue],
        form: RegistrationForm,
    ) -> Result<LookAnswer, StoreError> {
        let lines = self.holders_of(values)?;
        match lines.as_slice() {
            [] => {
                let card = form.citizen.as_deref().and_then(|id| CitizenId::parse(id).ok());
                Ok(LookAnswer::NewCard { prior: card.and_then(|card| self.prior_of_card(card)), form })
            }
            // The insurance card names its holder by number alone, so the one holder is the person.
            [only] if form.citizen.is_none() => Ok(LookAnswer::Citizen { citizen: only.id.clone() }),
            _ => Ok(LookAnswer::People { lines, more: false, form }),
        }
    }

    fn typed_identifier(&self, value: RegisterValue) -> Result<LookAnswer, StoreError> {
        let lines = self.holders_of(std::slice::from_ref(&value))?;
        Ok(LookAnswer::People { lines, more: false, form: typed_form(vec![value_view(&value)]) })
    }

    /// Insurance codes of some provinces look like mobile numbers.
    fn phone_or_insurance(&self, phone: Phone) -> Result<LookAnswer, StoreError> {
        if let (Ok(id), []) =
            (InsuranceId::parse(phone.as_str()), &self.holders_of(&[RegisterValue::Phone(phone.clone())])?[..])
        {
            let insured = RegisterValue::InsuranceId(id);
            if !self.holders_of(std::slice::from_ref(&insured))?.is_empty() {
                return self.typed_identifier(insured);
            }
        }
        self.typed_identifier(RegisterValue::Phone(phone))
    }

    fn words(&self, key: &str, as_typed: &str) -> Result<LookAnswer, StoreError> {
        let words: Vec<&str> = key.split(' ').filter(|word| !word.is_empty()).collect();
        let found = citizen::with_words(self.store.read(), &words, LINES_MAX + 1)?;
        let more = found.len() > LINES_MAX;
        let mut lines = self.lines(found.into_iter().take(LINES_MAX))?;
        lines.sort_by(|a, b| (&a.name, &a.birth, &a.id).cmp(&(&b.name, &b.birth, &b.id)));
        let name =
            ValueView { register: Register::Name.code().to_owned(), text: as_typed.to_owned(), ..ValueView::default() };
        Ok(LookAnswer::People { lines, more, form: typed_form(vec![name]) })
    }

    /// People on whose cards one of these identifiers or phone numbers stands.
    pub(crate) fn holders_of(&self, values: &[RegisterValue]) -> Result<Vec<CitizenLine>, StoreError> {
        let mut cards = std::collections::BTreeSet::new();
        for value in values {
            let term = match value {
                RegisterValue::Phone(phone) => Some((Register::Phone, phone.as_str())),
                value => value.identifier(),
            };
            if let Some((register, term)) = term {
                cards.extend(citizen::holders(self.store.read(), register, term)?.into_iter().map(|(card, _)| card));
            }
        }
        self.lines(cards)
    }

    pub(crate) fn lines(&self, cards: impl IntoIterator<Item = CitizenId>) -> Result<Vec<CitizenLine>, StoreError> {
        cards.into_iter().filter_map(|card| self.line(card).transpose()).collect()
    }

    pub(crate) fn line(&self, card: CitizenId) -> Result<Option<CitizenLine>, StoreError> {
        citizen::line(self.store.read(), card)?
            .map(|json| serde_json::from_str(&json).map_err(|_| StoreError::Nonsense { table: "citizen" }))
            .transpose()
    }
}

fn typed_form(values: Vec<ValueView>) -> RegistrationForm {
    RegistrationForm { values, source: "typed".to_owned(), ..RegistrationForm::default() }
}

fn scanned_form(values: &[RegisterValue], scan: &str, doubts: &[Doubt]) -> RegistrationForm {
    RegistrationForm {
        values: values.iter().map(value_view).collect(),
        source: "scanned".to_owned(),
        scan: Some(scan.trim().to_owned()),
        citizen: None,
        doubts: doubts.iter().map(|doubt| doubt.code().to_owned()).collect(),
    }
}
