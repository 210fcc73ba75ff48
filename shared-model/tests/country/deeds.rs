//! Random small histories: a few laptops that each know a part of what was said about a few cards.

use proptest::collection::vec;
use proptest::prelude::*;
use shared_model::citizen::RegisterValue;
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::dose::{BodySite, DoseField, LotNumber, ProductCode, Source};
use shared_model::envelope::{Authority, Envelope, Header, Said};
use shared_model::ids::{BodyHash, CitizenId, StatementId};
use shared_model::limits;
use shared_model::merge::merge;
use shared_model::record::answers;
use shared_model::rules::Rulebook;
use shared_model::statement::{Body, Statement, Subject, WithdrawReason};
use shared_model::time::{ClockEvidence, Hlc, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE};

use super::people::{amend, dose_of, edit, link, name, phone, settle, tomorrow, tomorrows_register, withdraw};
use super::{author, card, device, morning, rules_id};

/// Cards that histories are about; what is said of any other must not matter to them.
pub const CARDS: u8 = 3;
/// Laptops of teams; the nation's desk has the next number.
pub const TEAMS: u8 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Edit,
    Give,
    Amend,
    Withdraw,
    Link,
    Settle,
    Tomorrow,
    /// Hears a part of what others said.
    Hear,
}

/// One deed at one desk. `pick` chooses among what is possible there; `saw` says how much was on screen.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    pub who: u8,
    pub card: u8,
    pub what: What,
    pub pick: u32,
    pub saw: u32,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let what = prop_oneof![
        6 => Just(What::Edit),
        4 => Just(What::Give),
        3 => Just(What::Amend),
        4 => Just(What::Withdraw),
        2 => Just(What::Link),
        4 => Just(What::Settle),
        1 => Just(What::Tomorrow),
        4 => Just(What::Hear),
    ];
    // Half of all eyes see everything; the cards are mostly the first one, so that people meet.
    let saw = prop_oneof![Just(u32::MAX), any::<u32>()];
    let about = prop_oneof![3 => Just(0), 2 => 0..CARDS];
    (0..=TEAMS, about, what, any::<u32>(), saw).prop_map(|(who, card, what, pick, saw)| Deed {
        who,
        card,
        what,
        pick,
        saw,
    })
}

pub fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    vec(any_deed(), 1..=most)
}

#[derive(Default, Clone)]
struct Table {
    knows: Vec<usize>,
    hlc: Hlc,
}

/// Everything said so far, and who knows what of it.
pub struct Country {
    pub said: Vec<Said>,
    pub envelopes: Vec<Envelope>,
    tables: Vec<Table>,
}

impl Country {
    pub fn of(deeds: &[Deed]) -> Self {
        let mut country =
            Self { said: Vec::new(), envelopes: Vec::new(), tables: vec![Table::default(); usize::from(TEAMS) + 1] };
        for deed in deeds {
            country.act(deed);
        }
        country
    }

    fn act(&mut self, deed: &Deed) {
        match deed.what {
            What::Edit => self.edit(deed),
            What::Give => self.give(deed),
            What::Amend => self.amend(deed),
            What::Withdraw => self.withdraw(deed),
            What::Link => {
                let other = card((deed.card + 1 + (deed.pick % 2) as u8) % CARDS);
                self.says(deed, Subject::Citizen(card(deed.card)), link(other), Vec::new(), Vec::new());
            }
            What::Settle => self.settle(deed),
            What::Tomorrow => {
                let based_on = self.known_about(deed, |_| true);
                let subject = Subject::Citizen(card(deed.card));
                self.says(deed, subject, tomorrow("việc mai"), Vec::new(), based_on);
            }
            What::Hear => self.hear(deed),
        }
    }

    /// Statements this desk knows about that card, as far as they were on screen.
    fn known_about(&self, deed: &Deed, wanted: impl Fn(&Said) -> bool) -> Vec<StatementId> {
        let about = |said: &&Said| said.header.subject == Subject::Citizen(card(deed.card));
        let known = self.known(deed).into_iter().filter(about).filter(|said| wanted(said));
        let seen = known.enumerate().filter(|(at, _)| deed.saw.rotate_right(u32::try_from(*at).unwrap()) & 1 == 1);
        seen.map(|(_, said)| said.id).take(limits::BASED_ON_MAX).collect()
    }

    fn known(&self, deed: &Deed) -> Vec<&Said> {
        self.tables[usize::from(deed.who)].knows.iter().map(|at| &self.said[*at]).collect()
    }

    fn edit(&mut self, deed: &Deed) {
        let value = |at: u32| -> RegisterValue {
            match at % 7 {
                0 | 1 => name("Nguyễn Văn An"),
                2 => name("Nguyễn Văn Ân"),
                3 => phone("0912345678"),
                4 => phone("0987654321"),
                5 => tomorrows_register("thợ may"),
                _ => tomorrows_register("giáo viên"),
            }
        };
        let mut values = vec![value(deed.pick)];
        let second = value(deed.pick / 7);
        if deed.pick.is_multiple_of(3) && second.register() != values[0].register() {
            values.push(second);
        }
        let based_on = self.known_about(deed, |_| true);
        self.says(deed, Subject::Citizen(card(deed.card)), edit(values), Vec::new(), based_on);
    }

    fn give(&mut self, deed: &Deed) {
        let product = ["astrazeneca", "pfizer"][(deed.pick % 2) as usize];
        let number = 1 + (deed.pick / 2 % 3) as u8;
        let at = morning().plus_ms(i64::from(deed.pick / 6 % 4) * (MS_PER_HOUR + 20 * MS_PER_DAY));
        let mut given = dose_of(product, ["FK9412", "ABW12"][(deed.pick / 24 % 2) as usize], number, at);
        if deed.pick.is_multiple_of(5) {
            given.source = Source::Paper;
        }
        let seen = self.known_about(deed, |said| matches!(said.body.statement, Statement::DoseGiven(_)));
        self.says(deed, Subject::Citizen(card(deed.card)), Statement::DoseGiven(given), seen, Vec::new());
    }

    fn amend(&mut self, deed: &Deed) {
        let doses = self.known_about(&Deed { saw: u32::MAX, ..*deed }, |said| {
            matches!(said.body.statement, Statement::DoseGiven(_))
        });
        let Some(dose) = nth(&doses, deed.pick) else { return };
        let field = match deed.pick / 8 % 6 {
            0 | 1 => DoseField::Lot(LotNumber::parse("ABW12").unwrap()),
            2 => DoseField::Lot(LotNumber::parse("ABW13").unwrap()),
            3 => DoseField::Product(ProductCode::parse("moderna").unwrap()),
            4 => DoseField::Number(2),
            _ => DoseField::BodySite(BodySite::Other("bap_tay".to_owned())),
        };
        let based_on = self.known_about(deed, |said| matches!(said.body.statement, Statement::DoseAmended(_)));
        self.says(deed, Subject::Citizen(card(deed.card)), amend(dose, field), Vec::new(), based_on);
    }

    /// Any statement may be the target: doses, edits, links, settlements, withdrawals.
    fn withdraw(&mut self, deed: &Deed) {
        let known: Vec<(StatementId, Subject)> =
            self.known(deed).iter().map(|said| (said.id, said.header.subject)).collect();
        let Some((target, subject)) = nth(&known, deed.pick) else { return };
        self.says(deed, subject, withdraw(target, WithdrawReason::Mistake), Vec::new(), Vec::new());
    }

    /// Answers a case as the desk sees it. Of those a team gives, none may ever count.
    fn settle(&mut self, deed: &Deed) {
        let deed = &Deed { who: if deed.pick.is_multiple_of(16) { deed.who } else { TEAMS }, ..*deed };
        if deed.who == TEAMS {
            // Cases are raised at the nation, which hears of everything sooner or later.
            self.hear(&Deed { saw: deed.saw | 1, ..*deed });
        }
        let known: Vec<Said> = self.known(deed).into_iter().cloned().collect();
        let mut conflicts = merge(card(deed.card), &known, &Rulebook::default()).unwrap().conflicts;
        conflicts.extend(elsewhere(&known));
        let Some(conflict) = nth(&conflicts, deed.pick) else { return };
        let Some(answer) = nth(&answers(&conflict), deed.pick / 8) else { return };
        let subject = Subject::Citizen(conflict.citizens[0]);
        self.says(deed, subject, settle(&conflict, answer), Vec::new(), Vec::new());
    }

    fn hear(&mut self, deed: &Deed) {
        let table = &mut self.tables[usize::from(deed.who)];
        for at in 0..self.said.len() {
            if deed.saw.rotate_right(u32::try_from(at).unwrap()) & 1 == 1 && !table.knows.contains(&at) {
                table.knows.push(at);
                table.hlc = table.hlc.observe(self.said[at].header.hlc, morning().plus_ms(MS_PER_DAY));
            }
        }
    }

    fn says(
        &mut self,
        deed: &Deed,
        subject: Subject,
        statement: Statement,
        seen: Vec<StatementId>,
        based_on: Vec<StatementId>,
    ) {
        let at = self.said.len();
        let authority = if deed.who == TEAMS { Authority::National } else { Authority::Team };
        let table = &mut self.tables[usize::from(deed.who)];
        // Clocks differ by up to a quarter of an hour, and one of them stands still.
        let drift = i64::from(deed.who) * 5 * MS_PER_MINUTE;
        let minutes = if deed.who == 1 { 0 } else { i64::try_from(at).unwrap() };
        table.hlc = table.hlc.tick(morning().plus_ms(drift + minutes * MS_PER_MINUTE));
        let header = Header {
            kind: 0,
            subject,
            author: author(deed.who),
            device: device(deed.who),
            hlc: table.hlc,
            evidence: ClockEvidence::default(),
            rules: rules_id(),
            authority,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        };
        let salt = u64::try_from(at).unwrap().to_be_bytes();
        let envelope = Envelope::compose(header, &Body { salt, statement, seen, based_on }).unwrap();
        self.said.push(envelope.open().unwrap());
        self.envelopes.push(envelope);
        self.tables[usize::from(deed.who)].knows.push(at);
    }

    /// A statement about these people, made after everything else, by the nation.
    pub fn the_nation_says(&mut self, subject: CitizenId, statement: Statement) -> Said {
        let deed = Deed { who: TEAMS, card: 0, what: What::Tomorrow, pick: 0, saw: 0 };
        let latest = self.said.iter().map(|said| said.header.hlc).max().unwrap_or_default();
        let table = &mut self.tables[usize::from(TEAMS)];
        table.hlc = table.hlc.max(latest);
        self.says(&deed, Subject::Citizen(subject), statement, Vec::new(), Vec::new());
        self.said[self.said.len() - 1].clone()
    }
}

/// Conflicts that no single record raises: cards that may be one person's, a time that cannot be.
pub fn elsewhere(said: &[Said]) -> Vec<Conflict> {
    let first_of = |n: u8| {
        let about = said.iter().filter(|said| said.header.subject == Subject::Citizen(card(n)));
        about.filter(|said| matches!(said.body.statement, Statement::CitizenEdited(_))).map(|said| said.id).min()
    };
    let mut conflicts = Vec::new();
    for (one, other) in [(0, 1), (1, 2)] {
        if let (Some(a), Some(b)) = (first_of(one), first_of(other)) {
            conflicts.push(Conflict::new(ConflictKind::TwoCardsOnePerson, [a, b], [card(one), card(other)], None));
        }
    }
    let dose =
        said.iter().filter(|said| matches!(said.body.statement, Statement::DoseGiven(_))).min_by_key(|said| said.id);
    conflicts.extend(
        dose.map(|dose| Conflict::new(ConflictKind::ImplausibleTime, [dose.id], dose.header.subject.citizen(), None)),
    );
    conflicts
}

fn nth<T: Clone>(items: &[T], pick: u32) -> Option<T> {
    let count = u32::try_from(items.len()).unwrap();
    (count > 0).then(|| items[(pick % count) as usize].clone())
}
