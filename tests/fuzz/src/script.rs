//! A few statements written down in few bytes, with bodies as they travel.
//!
//! A body can't name another statement by its hash before that one is made, so in a script an id means by its first
//! byte: the statement with that number, or one that is not here. Cards are meant by their first byte too.

use shared_model::conflict::Conflict;
use shared_model::envelope::{Authority, Envelope, Header, Said};
use shared_model::ids::{BodyHash, CaseId, CitizenId, StatementId};
use shared_model::record::{dose_key, dose_of_key};
use shared_model::settlement::Answer;
use shared_model::statement::{Body, Statement, Subject};
use shared_model::time::{ClockEvidence, Hlc, MS_PER_DAY, MS_PER_MINUTE};

use crate::country::desk::Person;
use crate::country::{device, morning, rules_id, session};
use crate::input::{Input, sized};

/// Enough for everything that races, few enough for the reference model.
pub const LINES_MAX: usize = 9;
/// Cards a script speaks of.
pub const CARDS: u8 = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub who: u8,
    pub about: u8,
    pub clock: u8,
    pub kind: u8,
    pub body: Vec<u8>,
}

pub fn read(input: &mut Input<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    while !input.is_empty() && lines.len() < LINES_MAX {
        let (who, about, clock, kind) = (input.u8(), input.u8(), input.u8(), input.u8());
        lines.push(Line { who, about, clock, kind, body: input.sized().to_vec() });
    }
    lines
}

pub fn write(lines: &[Line]) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| [&[line.who, line.about, line.clock, line.kind][..], &sized(&line.body)].concat())
        .collect()
}

/// The people of a script: two of a team, one of a district, one of the nation.
pub fn person(who: u8) -> Person {
    match who % 4 {
        2 => Person { authority: Authority::District, ..Person::of_the_team(2) },
        3 => Person::of_the_nation(3),
        n => Person::of_the_team(n),
    }
}

impl Line {
    pub fn subject(&self, card: impl Fn(u8) -> CitizenId) -> Subject {
        match self.about {
            0xfe => Subject::Device(device(1)),
            0xff => Subject::Session(session()),
            n => Subject::Citizen(card(n % CARDS)),
        }
    }

    /// Numbers of kinds that nobody knows are of a later version.
    fn kind(&self) -> u16 {
        u16::from(self.kind)
    }

    fn header(&self, card: impl Fn(u8) -> CitizenId) -> Header {
        let person = person(self.who);
        Header {
            kind: self.kind(),
            subject: self.subject(card),
            author: person.id,
            device: device(1),
            hlc: hlc(self.clock),
            evidence: evidence(self.clock),
            rules: rules_id(),
            authority: person.authority,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        }
    }

    /// As it would travel: what can be read with its ids in place, the rest in an envelope that names it rightly.
    pub fn envelope(&self, earlier: &[StatementId], card: impl Fn(u8) -> CitizenId + Copy) -> Envelope {
        if let Ok(mut body) = Body::from_cbor(self.kind(), &self.body) {
            in_place(&mut body, earlier, card);
            if let Ok(envelope) = Envelope::compose(self.header(card), &body) {
                return envelope;
            }
        }
        let body_bytes = u32::try_from(self.body.len()).unwrap();
        let header = Header { body_bytes, body_hash: BodyHash::of(&self.body), ..self.header(card) };
        Envelope { header: header.to_cbor(), body: Some(self.body.clone()) }
    }
}

/// All envelopes of a script, one after the other.
pub fn envelopes(lines: &[Line], card: impl Fn(u8) -> CitizenId + Copy) -> Vec<Envelope> {
    let mut ids = Vec::new();
    let mut envelopes = Vec::new();
    for line in lines {
        let envelope = line.envelope(&ids, card);
        ids.push(envelope.statement_id());
        envelopes.push(envelope);
    }
    envelopes
}

fn hlc(clock: u8) -> Hlc {
    match clock {
        255 => Hlc(u64::MAX),
        254 => Hlc(0),
        253 => Hlc(1 << 63),
        minutes => Hlc::default().tick(morning().plus_ms(i64::from(minutes) * MS_PER_MINUTE)),
    }
}

fn evidence(clock: u8) -> ClockEvidence {
    let (offset_ms, contact_age_s, went_backwards) = match clock % 8 {
        1 => (Some(-1_500), Some(3_600), false),
        2 => (Some(i64::MIN), Some(u64::MAX), false),
        3 => (Some(i64::MAX), None, true),
        4 => (Some(2 * MS_PER_DAY), Some(0), false),
        5 => (None, Some(60), true),
        _ => (None, None, false),
    };
    ClockEvidence { offset_ms, contact_age_s, went_backwards }
}

fn in_place(body: &mut Body, earlier: &[StatementId], card: impl Fn(u8) -> CitizenId) {
    let id = |id: &mut StatementId| *id = earlier.get(usize::from(id.0[0])).copied().unwrap_or(*id);
    let card = |one: &mut CitizenId| *one = card(one.0[0] % CARDS);
    body.seen.iter_mut().for_each(id);
    body.based_on.iter_mut().for_each(id);
    match &mut body.statement {
        Statement::DoseAmended(amended) => id(&mut amended.dose),
        Statement::Withdrawn(withdrawn) => id(&mut withdrawn.target),
        Statement::Linked(linked) => card(&mut linked.other),
        Statement::Settled(settled) => {
            settled.involved.iter_mut().for_each(id);
            settled.citizens.iter_mut().for_each(card);
            if let Answer::ChooseValue(named) | Answer::SameDose(named) | Answer::WithdrawDose(named) =
                &mut settled.answer
            {
                id(named);
            }
            settled.key = settled.key.take().map(|key| key_in_place(key, id));
            // An odd one is left as it is: an answer to a case that nobody raised.
            if settled.case.0[0].is_multiple_of(2) {
                let (involved, citizens) = (settled.involved.iter().copied(), settled.citizens.iter().copied());
                settled.case = Conflict::new(settled.kind, involved, citizens, settled.key.clone()).id;
            }
        }
        Statement::CitizenEdited(_) | Statement::DoseGiven(_) | Statement::Unknown { .. } => {}
    }
}

fn key_in_place(key: String, put: impl Fn(&mut StatementId)) -> String {
    let Some(mut dose) = dose_of_key(&key).and_then(|hex| StatementId::parse(&hex).ok()) else { return key };
    put(&mut dose);
    dose_key(dose, key.splitn(3, '/').nth(2))
}

/// Real statements as a script: the way back.
pub fn of(said: &[Said]) -> Vec<Line> {
    let number = |id: &mut StatementId| {
        let at = said.iter().position(|one| one.id == *id).unwrap_or(0xee);
        *id = StatementId([at as u8; 32]);
    };
    // The cards of the pretend country are 0xc0 with their number in it.
    let card = |card: &mut CitizenId| *card = CitizenId([card.0[0] ^ 0xc0; 16]);
    let line = |one: &Said| {
        let mut body = one.body.clone();
        body.seen.iter_mut().for_each(number);
        body.based_on.iter_mut().for_each(number);
        match &mut body.statement {
            Statement::DoseAmended(amended) => number(&mut amended.dose),
            Statement::Withdrawn(withdrawn) => number(&mut withdrawn.target),
            Statement::Linked(linked) => card(&mut linked.other),
            Statement::Settled(settled) => {
                settled.involved.iter_mut().for_each(number);
                settled.citizens.iter_mut().for_each(card);
                if let Answer::ChooseValue(named) | Answer::SameDose(named) | Answer::WithdrawDose(named) =
                    &mut settled.answer
                {
                    number(named);
                }
                settled.key = settled.key.take().map(|key| key_in_place(key, number));
                settled.case = CaseId([0; 32]);
            }
            Statement::CitizenEdited(_) | Statement::DoseGiven(_) | Statement::Unknown { .. } => {}
        }
        let about = match one.header.subject {
            Subject::Citizen(mut id) => {
                card(&mut id);
                id.0[0]
            }
            Subject::Device(_) => 0xfe,
            Subject::Session(_) => 0xff,
        };
        let minutes = one.header.hlc.wall().ms_since(morning()) / MS_PER_MINUTE;
        let kind = u8::try_from(one.header.kind).unwrap_or(200);
        Line {
            who: one.header.author.0[0] ^ 0xa0,
            about,
            clock: minutes.clamp(0, 250) as u8,
            kind,
            body: body.to_cbor(),
        }
    };
    said.iter().take(LINES_MAX).map(line).collect()
}
