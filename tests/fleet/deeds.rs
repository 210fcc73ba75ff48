//! What people at a table do all day: what `client/src/visit` would say, and a few words it would not.

use std::collections::BTreeMap;
use std::rc::Rc;

use shared_model::citizen::{Birth, BirthPrecision, NationalId, PersonName, Phone, Register, RegisterValue};
use shared_model::dose::{BodySite, DoseField, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Said};
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::limits;
use shared_model::merge::Merged;
use shared_model::statement::{CitizenEdited, DoseAmended, Linked, Statement, Subject, WithdrawReason, Withdrawn};
use shared_model::time::{Date, MS_PER_DAY};

use crate::country::card;
use crate::fleet::Fleet;
use crate::invariants::Checked;
use crate::laptop::{Fate, Laptop, NotKept, Words};
use crate::reference::other_cards;

const NAMES: [&str; 4] = ["Nguyễn Văn An", "Nguyễn Văn Ân", "Trần Thị Bình", "Lê Thị Minh Khai"];
const LOTS: [&str; 3] = ["FK9412", "PV46664", "ABW12"];

/// What a team sees of somebody before it does anything.
#[derive(Default)]
pub struct Seen {
    /// With the card each is on, and the device that gave it.
    doses: Vec<(StatementId, CitizenId, DeviceId)>,
    /// The statements behind each register.
    values: BTreeMap<Register, Vec<StatementId>>,
}

impl Seen {
    fn is_registered(&self) -> bool {
        !self.values.is_empty()
    }

    fn of(merged: &Merged) -> Self {
        let doses = merged.record.history.doses.iter().map(|dose| (dose.statement, dose.citizen, dose.device));
        let fields = merged.record.fields.iter().map(|(register, field)| (*register, field.standing.clone()));
        Self { doses: doses.collect(), values: fields.collect() }
    }

    /// Everything that was ever said, as somebody sees it who reads the whole page.
    fn of_everything(said: &BTreeMap<StatementId, Rc<Said>>) -> Self {
        let mut seen = Self::default();
        for one in said.values() {
            match (&one.body.statement, one.header.subject.citizen()) {
                (Statement::DoseGiven(_), Some(card)) => seen.doses.push((one.id, card, one.header.device)),
                (Statement::CitizenEdited(edited), _) => {
                    for value in &edited.values {
                        seen.values.entry(value.register()).or_default().push(one.id);
                    }
                }
                _ => {}
            }
        }
        seen
    }
}

/// Drawing a person is most of what a deed costs, and what was seen is all a deed takes from it.
const DRAWN_DEEDS: u64 = 16;

impl Fleet<'_> {
    pub fn looks_up(&self, laptop: &Laptop, citizen: CitizenId) -> Seen {
        if self.dice.below(DRAWN_DEEDS) == 0 {
            Seen::of(&laptop.known(citizen, &self.campaign.rules))
        } else {
            Seen::of_everything(&laptop.tables.said_about(citizen))
        }
    }

    /// One deed of one team, about somebody who happens to come.
    pub fn deed(&mut self, who: usize) -> Checked {
        let person = self.dice.below(self.plan.citizens);
        // One in four people owns a second card.
        let second = person.is_multiple_of(4) && self.dice.below(3) == 0;
        let citizen = card(if second { person + self.plan.citizens } else { person });
        let Some(laptop) = self.laptops.get(who) else { return Ok(()) };
        let seen = self.looks_up(laptop, citizen);
        let words = match self.dice.below(20) {
            _ if !seen.is_registered() => self.registers(person, citizen, &seen),
            0..=8 => Some(self.gives(who, citizen, &seen)),
            13..=14 => self.amends(who, &seen),
            15..=16 => self.takes_back(who, citizen),
            17 => Some(self.links(person, citizen)),
            18 => Some(about(citizen, Statement::Unknown { kind: 900, cbor: vec![0x61, 0x78] })),
            _ => self.edits(citizen, &seen),
        };
        match words {
            Some(words) => self.says(who, words),
            None => Ok(()),
        }
    }

    /// Says it on a disk and under a power that may fail.
    pub fn says(&mut self, who: usize, mut words: Words) -> Checked {
        let (salt, fate) = (self.dice.roll(), self.fate(true));
        if self.happens(self.plan.overreach) {
            self.tally.fault("team", "claims the nation's authority");
            words.authority = Authority::National;
        }
        let doses = u64::from(matches!(words.statement, Statement::DoseGiven(_)));
        let (now, rules) = (self.now, self.campaign.rules_id);
        let Some(laptop) = self.laptops.get_mut(who) else { return Ok(()) };
        match laptop.say(words, salt, now, rules, fate) {
            Ok(Some(id)) => {
                self.tally.statements += 1;
                self.tally.doses += doses;
                self.note("said", id.as_bytes());
            }
            Ok(None) => return Ok(()),
            Err(NotKept(Fate::TailLost)) => return self.restart(who),
            Err(_) => return Ok(()),
        }
        // With the plant that says "saved" too early, the power goes all the same.
        if fate == Fate::TailLost { self.restart(who) } else { Ok(()) }
    }

    fn registers(&mut self, person: u64, citizen: CitizenId, seen: &Seen) -> Option<Words> {
        let name = NAMES.get(self.below(2))?;
        let number = format!("0791901{:05}", person % 100_000);
        let mut values = vec![RegisterValue::Name(PersonName::parse(name).ok()?)];
        values.push(RegisterValue::NationalId(NationalId::parse(&number).ok()?));
        let date = Date::new(1990, 5, 1).ok()?.plus_days(i32::try_from(person % 900).ok()?);
        values.push(RegisterValue::Birth(Birth { date, precision: BirthPrecision::Day }));
        let edited = CitizenEdited { values, source: Source::Scanned, scan: None };
        let based_on = seen.doses.iter().map(|(dose, ..)| *dose).take(1).collect();
        Some(Words { based_on, ..about(citizen, Statement::CitizenEdited(edited)) })
    }

    pub fn gives(&self, who: usize, citizen: CitizenId, known: &Seen) -> Words {
        let number = 1 + u8::try_from(known.doses.len().min(4)).unwrap_or(0);
        let product = if self.dice.below(5) == 0 { "pfizer" } else { "astrazeneca" };
        let lot = self.pick(&LOTS).unwrap_or("FK9412");
        let wall = self.laptops.get(who).map_or(self.now, |laptop| laptop.wall(self.now));
        let paper = self.dice.below(12) == 0;
        let given = DoseGiven {
            product: ProductCode::parse(product).expect("a product"),
            lot: LotNumber::parse(lot).expect("a lot"),
            number,
            given_at_ms: if paper { wall.plus_ms(-MS_PER_DAY).0 } else { wall.0 },
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: "TYT-5".to_owned(),
            session: None,
            lot_expiry: None,
            source: if paper { Source::Paper } else { Source::Typed },
            in_spite_of: Vec::new(),
        };
        let mut seen: Vec<StatementId> =
            known.doses.iter().rev().take(limits::SEEN_MAX).map(|(dose, ..)| *dose).collect();
        seen.sort_unstable();
        Words { seen, ..about(citizen, Statement::DoseGiven(given)) }
    }

    fn edits(&mut self, citizen: CitizenId, seen: &Seen) -> Option<Words> {
        let value = match self.dice.below(3) {
            0 => RegisterValue::Name(PersonName::parse(self.pick(&NAMES)?).ok()?),
            1 => RegisterValue::Phone(Phone::parse(&format!("09123456{:02}", self.dice.below(4))).ok()?),
            _ => RegisterValue::PriorityGroup(1 + u8::try_from(self.dice.below(3)).ok()?),
        };
        let mut based_on = seen.values.get(&value.register()).cloned().unwrap_or_default();
        based_on.sort_unstable();
        based_on.truncate(limits::BASED_ON_MAX);
        let edited = CitizenEdited { values: vec![value], source: Source::Typed, scan: None };
        Some(Words { based_on, ..about(citizen, Statement::CitizenEdited(edited)) })
    }

    /// A dose of this laptop, one field of it.
    fn amends(&mut self, who: usize, seen: &Seen) -> Option<Words> {
        let laptop = self.laptops.get(who)?;
        let own: Vec<_> = seen.doses.iter().filter(|(_, _, device)| *device == laptop.me.device).collect();
        let (dose, citizen, _) = *self.pick(&own)?;
        let field = match self.dice.below(3) {
            0 => DoseField::Number(1 + u8::try_from(self.dice.below(3)).ok()?),
            _ => DoseField::Lot(LotNumber::parse(self.pick(&LOTS)?).ok()?),
        };
        let same = |said: &&Rc<Said>| {
            matches!(&said.body.statement, Statement::DoseAmended(amended)
                if amended.dose == dose && amended.field.code() == field.code())
        };
        let known = laptop.tables.said_about(citizen);
        let mut based_on = vec![dose];
        based_on.extend(known.values().filter(same).map(|said| said.id));
        based_on.truncate(limits::BASED_ON_MAX);
        let amended = DoseAmended { dose, field, note: String::new() };
        Some(Words { based_on, ..about(citizen, Statement::DoseAmended(amended)) })
    }

    /// Something of this card taken back: a dose, an edit, a link, another withdrawal; now and then what only the nation may.
    fn takes_back(&mut self, who: usize, citizen: CitizenId) -> Option<Words> {
        let laptop = self.laptops.get(who)?;
        let known: Vec<Rc<Said>> = laptop.tables.said_about(citizen).into_values().collect();
        let answers: Vec<Rc<Said>> =
            known.iter().filter(|one| matches!(one.body.statement, Statement::Settled(_))).cloned().collect();
        let reaches_up = !answers.is_empty() && self.dice.below(6) == 0;
        let target = self.pick(if reaches_up { &answers } else { &known })?;
        let is_link = matches!(target.body.statement, Statement::Linked(_));
        let anybodys = is_link || reaches_up || self.dice.below(8) == 0;
        if !anybodys && target.header.device != laptop.me.device {
            return None;
        }
        let reason = WithdrawReason::Mistake;
        let withdrawn = Withdrawn { target: target.id, reason, note: String::new() };
        // Said of the other card now and then, where a statement is about two.
        let other = self.pick(other_cards(&target.body.statement)).map(Subject::Citizen);
        let subject = other.filter(|_| self.dice.below(3) == 0).unwrap_or(target.header.subject);
        Some(Words { subject, ..about(citizen, Statement::Withdrawn(withdrawn)) })
    }

    /// Mostly two cards of one person; now and then two people by mistake.
    fn links(&mut self, person: u64, citizen: CitizenId) -> Words {
        let right = person.is_multiple_of(4) && self.dice.below(4) > 0;
        let mut other = if right { person + self.plan.citizens } else { (person + 1) % self.plan.citizens };
        if card(other) == citizen {
            other = person;
        }
        if card(other) == citizen {
            return about(citizen, Statement::Unknown { kind: 901, cbor: vec![0xf6] });
        }
        about(citizen, Statement::Linked(Linked { other: card(other), note: String::new() }))
    }
}

fn about(citizen: CitizenId, statement: Statement) -> Words {
    let subject = Subject::Citizen(citizen);
    Words { subject, statement, seen: Vec::new(), based_on: Vec::new(), authority: Authority::Team }
}
