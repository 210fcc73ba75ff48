//! ⑩ Drawing one person's record, and the cryptography under it.

use anyhow::Context;
use shared_model::citizen::{PersonName, Phone, RegisterValue};
use shared_model::dose::{BodySite, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Envelope, Header, Said};
use shared_model::ids::{AuthorId, BodyHash, CitizenId, DeviceId, RulesId, StatementId};
use shared_model::merge::merge;
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::statement::{Body, CitizenEdited, Statement, Subject};
use shared_model::time::{ClockEvidence, Hlc};

use crate::clock::Times;
use crate::table::Table;

const CARD: CitizenId = CitizenId([7; 16]);

pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    let rules = Rulebook::of([covid_2021()?]);
    for (name, doses, edits) in [("2 doses", 2, 0), ("4 doses, 3 edits", 4, 3), ("4 doses, 20 edits", 4, 20)] {
        let said = history(doses, edits)?;
        let times = Times::of(500, |_| {
            merge(CARD, &said, &rules)?;
            Ok(())
        })?;
        table.row(
            format!("⑩ derive a record: registration, {name}"),
            format!("{:.0} µs (p95 {:.0})", times.median() * 1_000.0, times.p95() * 1_000.0),
            "",
        );
    }
    Ok(())
}

fn history(doses: u8, edits: u8) -> anyhow::Result<Vec<Said>> {
    let mut said = vec![edit(0, Vec::new(), "Nguyễn Thị Minh Khai")?];
    for number in 1..=edits {
        let based_on = vec![said.last().context("a registration")?.id];
        said.push(edit(number, based_on, &format!("Nguyễn Thị Minh Khai {number}"))?);
    }
    let mut seen = Vec::new();
    for number in 1..=doses {
        let statement = Statement::DoseGiven(DoseGiven {
            product: ProductCode::parse("astrazeneca")?,
            lot: LotNumber::parse("PV46664")?,
            number,
            given_at_ms: 1_630_000_000_000 + i64::from(number) * 60 * 86_400_000,
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: "hem-42".to_owned(),
            session: None,
            lot_expiry: None,
            source: Source::Typed,
            in_spite_of: Vec::new(),
        });
        let dose = say(100 + number, statement, seen.clone(), Vec::new())?;
        seen.push(dose.id);
        said.push(dose);
    }
    Ok(said)
}

fn edit(number: u8, based_on: Vec<StatementId>, name: &str) -> anyhow::Result<Said> {
    let values = vec![
        RegisterValue::Name(PersonName::parse(name)?),
        RegisterValue::Phone(Phone::parse(&format!("09012345{number:02}"))?),
    ];
    let statement = Statement::CitizenEdited(CitizenEdited { values, source: Source::Typed, scan: None });
    say(number, statement, Vec::new(), based_on)
}

fn say(salt: u8, statement: Statement, seen: Vec<StatementId>, based_on: Vec<StatementId>) -> anyhow::Result<Said> {
    let header = Header {
        kind: 0,
        subject: Subject::Citizen(CARD),
        author: AuthorId([1; 16]),
        device: DeviceId([salt % 2; 16]),
        hlc: Hlc(u64::from(salt) << 16),
        evidence: ClockEvidence::default(),
        rules: RulesId([0; 16]),
        authority: Authority::Team,
        body_bytes: 0,
        body_hash: BodyHash([0; 32]),
    };
    let body = Body { salt: [salt; 8], statement, seen, based_on };
    Ok(Envelope::compose(header, &body)?.open()?)
}
