use std::collections::BTreeMap;

use shared_model::ids::CitizenId;
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::time::Moment;
use tempfile::TempDir;

use super::bench::{Bench, PIN, dump, key};
use super::history::{FOUR, ONE, THREE, TWO, Teller, Told, everything};
use crate::intake::apply::{apply, redraw_everything};
use crate::intake::keep::keep;
use crate::laptop::{SayError, merged};
use crate::store::{Store, StoreError, citizen, dose, envelope, setting};

const DERIVED: &[&str] = &["citizen", "citizen_word", "concern", "dose", "identifier", "joined", "withdrawal"];

type Rows = BTreeMap<String, Vec<String>>;

struct Register {
    store: Store,
    rules: Rulebook,
    _folder: TempDir,
}

impl Register {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_or_make(folder.path(), &key(1)).unwrap();
        Self { store, rules: Rulebook::of([covid_2021().unwrap()]), _folder: folder }
    }

    /// What a page of a feed does.
    fn hears(&mut self, page: &[Told]) {
        let rules = &self.rules;
        let heard = self.store.transact(|conn| -> Result<(), SayError> {
            let believed = keep(conn, page, true, Moment(0))?;
            apply(conn, &believed, rules)
        });
        let () = heard.unwrap().into_inner();
    }

    fn hears_one_by_one(told: &[Told]) -> Self {
        let mut register = Self::new();
        told.iter().for_each(|one| register.hears(std::slice::from_ref(one)));
        register
    }

    fn redraws(&mut self) {
        let rules = &self.rules;
        let redrawn = self.store.transact(|conn| -> Result<(), StoreError> { redraw_everything(conn, rules) });
        let () = redrawn.unwrap().into_inner();
    }

    fn derived(&self) -> Rows {
        dump(self.store.read(), DERIVED)
    }

    fn spoils(&mut self, sql: &[&str]) {
        let spoilt = self.store.transact(|conn| -> Result<(), StoreError> {
            for sql in sql {
                conn.execute(sql, [])?;
            }
            Ok(())
        });
        let () = spoilt.unwrap().into_inner();
    }

    /// As when a visitor has gone.
    fn forgets(&mut self, card: CitizenId) {
        let forgotten = self.store.transact(|conn| -> Result<(), StoreError> {
            envelope::forget_about(conn, card)?;
            citizen::forget(conn, card)?;
            dose::put(conn, card, &[])
        });
        let () = forgotten.unwrap().into_inner();
    }

    fn cards_of(&self, card: CitizenId) -> Vec<CitizenId> {
        merged(self.store.read(), card, &self.rules).unwrap().record.cards.into_iter().collect()
    }

    fn counting(&self, card: CitizenId) -> usize {
        merged(self.store.read(), card, &self.rules).unwrap().record.history.given().count()
    }
}

#[test]
fn the_story_of_these_tests_ends_as_it_says() {
    let register = Register::hears_one_by_one(&everything());
    assert_eq!(register.cards_of(ONE), [ONE, THREE]);
    assert_eq!((register.cards_of(TWO), register.cards_of(FOUR)), (vec![TWO], vec![FOUR]));
    assert_eq!((register.counting(ONE), register.counting(TWO), register.counting(THREE)), (1, 1, 1));
    for (table, rows) in register.derived() {
        assert!(rows.len() > 2, "{table}: {rows:?}");
    }
}

/// Otherwise a blank record would open for whoever shows that card.
#[test]
fn a_card_that_a_settlement_only_names_is_nobodys_until_something_is_said_of_it() {
    let told = everything();
    let mut register = Register::hears_one_by_one(&told);
    let knows = |register: &Register, card| {
        let conn = register.store.read();
        (citizen::line(conn, card).unwrap().is_some(), envelope::came_down_about(conn, card).unwrap())
    };
    assert_eq!(
        [ONE, TWO, THREE, FOUR].map(|card| knows(&register, card)),
        [(true, true), (true, true), (true, true), (false, false)]
    );
    let settlement = told.last().unwrap().0;
    assert!(envelope::concerned_by(register.store.read(), settlement).unwrap().contains(&FOUR));
    // Taking the settlement back says no more of the card; a dose does.
    let mut teller = Teller { told };
    teller.withdraws(FOUR, settlement);
    register.hears(&teller.told[teller.told.len() - 1..]);
    assert_eq!(knows(&register, FOUR), (false, false));
    teller.gives(FOUR, 1, &[]);
    register.hears(&teller.told[teller.told.len() - 1..]);
    assert_eq!(knows(&register, FOUR), (true, true));
}

#[test]
fn a_statement_that_comes_again_enters_the_card_it_was_cut_off() {
    let told = everything();
    let mut register = Register::hears_one_by_one(&told);
    let grown = register.derived();
    for card in ["01", "02", "03", "04"] {
        let cut = format!("WHERE citizen = x'{}'", card.repeat(16));
        let cut = ["concern", "citizen", "identifier"].map(|table| format!("DELETE FROM {table} {cut}"));
        register.spoils(&cut.each_ref().map(String::as_str));
        assert_ne!(register.derived(), grown);
        register.hears(&told);
        assert_eq!(register.derived(), grown);
    }
}

/// Card one is told apart from card four, of which nothing else is known; card three is one with it.
#[test]
fn what_is_said_of_two_cards_stays_as_long_as_one_of_them_is_known() {
    let told = everything();
    let mut register = Register::hears_one_by_one(&told);
    let (settlement, envelope) = told.last().cloned().unwrap();
    let is_here = |register: &Register| envelope::get(register.store.read(), settlement).unwrap();
    let enters = |register: &Register| {
        let mut cards = envelope::concerned_by(register.store.read(), settlement).unwrap();
        cards.sort_unstable();
        cards
    };
    register.forgets(FOUR);
    assert_eq!((is_here(&register), enters(&register)), (Some(envelope), vec![ONE, FOUR]));
    register.forgets(ONE);
    assert_eq!((is_here(&register), enters(&register)), (None, vec![]));
    // The link with card three is said of it, too.
    assert!(envelope::all_citizens(register.store.read()).unwrap().contains(&ONE));
    for card in [TWO, THREE] {
        register.forgets(card);
    }
    let left = dump(register.store.read(), &["envelope", "concern", "withdrawal", "dose", "citizen"]);
    assert!(left.values().all(Vec::is_empty), "{left:?}");
}

#[test]
fn drawing_everything_again_gives_what_had_grown_step_by_step() {
    let mut register = Register::hears_one_by_one(&everything());
    let grown = register.derived();
    register.redraws();
    assert_eq!(register.derived(), grown);
    for table in DERIVED.iter().filter(|table| **table != "concern") {
        register.spoils(&[&format!("DELETE FROM {table}")]);
        register.redraws();
        assert_eq!(register.derived(), grown, "without {table}");
    }
    register.spoils(&[
        "UPDATE citizen SET line = '{}', root = x'00'",
        "INSERT INTO citizen_word (word, citizen) VALUES ('nobody', x'09')",
        "INSERT INTO joined (one, other) VALUES (x'02020202020202020202020202020202', x'04040404040404040404040404040404')",
        "UPDATE dose SET lot = 'XX', counts = 1 - counts",
        "UPDATE identifier SET value = value || '0'",
    ]);
    register.redraws();
    assert_eq!(register.derived(), grown, "over nonsense");
}

/// An earlier version knew of each statement only its own card.
#[test]
fn a_register_noted_by_an_earlier_version_is_drawn_as_this_one_would_have() {
    let mut register = Register::hears_one_by_one(&everything());
    let grown = register.derived();
    register.spoils(&[
        "DELETE FROM withdrawal",
        "DELETE FROM concern WHERE citizen <> (SELECT subject FROM envelope WHERE envelope.statement = concern.statement)",
    ]);
    register.redraws();
    assert_eq!(register.derived(), grown);
}

#[test]
fn in_whichever_order_and_pages_statements_come_the_tables_end_alike() {
    let told = everything();
    let grown = Register::hears_one_by_one(&told).derived();
    let mut orders: Vec<Vec<Told>> = vec![told.iter().rev().cloned().collect()];
    for stride in [4, 5, 8, 10, 13] {
        // Coprime to the length, so that each comes once.
        let length = told.len();
        assert_eq!(length, 21);
        orders.push((0..length).map(|at| told[(at * stride + stride) % length].clone()).collect());
    }
    for order in orders {
        assert_eq!(Register::hears_one_by_one(&order).derived(), grown);
        let mut paged = Register::new();
        order.chunks(6).for_each(|page| paged.hears(page));
        assert_eq!(paged.derived(), grown, "in pages");
    }
}

#[test]
fn a_withdrawal_that_comes_before_its_target_reaches_every_card_that_the_target_enters() {
    let mut teller = Teller::default();
    let dose = teller.gives(TWO, 1, &[]);
    let link = teller.links(ONE, TWO);
    let parted = teller.withdraws(TWO, link);
    let joined_again = teller.withdraws(TWO, parted);
    teller.withdraws(TWO, dose);
    for known in [3, 4, 5] {
        let mut register = Register::hears_one_by_one(&teller.told[2..known]);
        register.hears(&teller.told[..2]);
        for withdrawal in [parted, joined_again].iter().take(known - 2) {
            let mut cards = envelope::concerned_by(register.store.read(), *withdrawal).unwrap();
            cards.sort_unstable();
            assert_eq!(cards, [ONE, TWO]);
        }
        let linked = if known == 3 { vec![TWO] } else { vec![ONE, TWO] };
        assert_eq!(register.cards_of(TWO), linked, "{known} known");
        assert_eq!(register.counting(TWO), usize::from(known < 5), "{known} known");
    }
}

#[test]
fn a_laptop_whose_tables_an_earlier_version_drew_draws_them_again_at_unlock_and_says_so() {
    let bench = Bench::enrolled(20);
    let khai = bench.registers_khai();
    let dose = bench.gives(&khai).unwrap();
    let grown = bench.sql(|conn| dump(conn, DERIVED));
    {
        let mut held = bench.desk.laptop.lock().unwrap();
        let spoilt = held.as_mut().unwrap().store.transact(|conn| -> Result<(), StoreError> {
            conn.execute("DELETE FROM citizen_word", [])?;
            conn.execute("UPDATE dose SET counts = 0", [])?;
            setting::put_cbor(conn, "derived_version", &1_u32)
        });
        let () = spoilt.unwrap().into_inner();
    }
    bench.desk.lock().unwrap();
    assert_eq!(bench.unlock(PIN).unwrap().notice.as_deref(), Some("rebuilt"));
    assert_eq!(bench.sql(|conn| dump(conn, DERIVED)), grown);
    assert_eq!(bench.doses_of(&khai).unwrap(), [dose]);
    bench.desk.lock().unwrap();
    assert_eq!(bench.unlock(PIN).unwrap().notice, None, "once is enough");
}
