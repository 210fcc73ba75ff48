//! One thing one person said. Statements are typed, small and immutable; everything else is concluded from them.

use minicbor::{Decode, Encode};

use crate::citizen::RegisterValue;
use crate::conflict::ConflictKind;
use crate::dose::{DoseField, DoseGiven, Source, open_codes};
use crate::ids::{CaseId, CitizenId, DeviceId, SessionId, StatementId};
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::settlement::Answer;

/// What a statement is about; it decides into which record and which feeds it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Citizen(CitizenId),
    Device(DeviceId),
    Session(SessionId),
}

impl Subject {
    pub fn citizen(self) -> Option<CitizenId> {
        match self {
            Self::Citizen(id) => Some(id),
            Self::Device(_) | Self::Session(_) => None,
        }
    }

    /// The number of the kind of subject, as kept in headers and tables.
    pub fn tag(self) -> u8 {
        match self {
            Self::Citizen(_) => 1,
            Self::Device(_) => 2,
            Self::Session(_) => 3,
        }
    }

    pub fn bytes(&self) -> &[u8; 16] {
        match self {
            Self::Citizen(CitizenId(bytes)) | Self::Device(DeviceId(bytes)) | Self::Session(SessionId(bytes)) => bytes,
        }
    }
}

impl<C> Encode<C> for Subject {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?.u8(self.tag())?.bytes(self.bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Subject {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        if d.array()? != Some(2) {
            return Err(minicbor::decode::Error::message("a subject is a pair"));
        }
        match d.u8()? {
            1 => CitizenId::decode(d, ctx).map(Self::Citizen),
            2 => DeviceId::decode(d, ctx).map(Self::Device),
            3 => SessionId::decode(d, ctx).map(Self::Session),
            _ => Err(minicbor::decode::Error::message("unknown kind of subject")),
        }
    }
}

/// Some registers of a citizen filled or corrected. The first one registers the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CitizenEdited {
    #[n(0)]
    pub values: Vec<RegisterValue>,
    #[n(1)]
    pub source: Source,
    /// The scanned text as it was read, so that a mistake can be traced to its source.
    #[n(2)]
    pub scan: Option<String>,
}

/// One field of a dose said to be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DoseAmended {
    #[n(0)]
    pub dose: StatementId,
    #[n(1)]
    pub field: DoseField,
    #[n(2)]
    pub note: String,
}

open_codes! {
    /// Why a statement was taken back.
    WithdrawReason {
        Undone = "undone",
        WrongPerson = "wrong_person",
        NotGiven = "not_given",
        EnteredTwice = "entered_twice",
        Mistake = "mistake",
        SettlementUndone = "settlement_undone",
        LinkUndone = "link_undone",
    }
}

/// An earlier statement taken back. A withdrawal can itself be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Withdrawn {
    #[n(0)]
    pub target: StatementId,
    #[n(1)]
    pub reason: WithdrawReason,
    #[n(2)]
    pub note: String,
}

/// Two cards of the register said to be one person. Nothing is copied; withdrawing it un-merges.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Linked {
    #[n(0)]
    pub other: CitizenId,
    #[n(1)]
    pub note: String,
}

/// An admin's answer to a case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Settled {
    #[n(0)]
    pub case: CaseId,
    #[n(1)]
    pub kind: ConflictKind,
    #[n(2)]
    pub involved: Vec<StatementId>,
    #[n(3)]
    pub citizens: Vec<CitizenId>,
    /// The document key in dispute, where the case is about one.
    #[n(4)]
    pub key: Option<String>,
    #[n(5)]
    pub answer: Answer,
    #[n(6)]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    CitizenEdited(CitizenEdited),
    DoseGiven(DoseGiven),
    DoseAmended(DoseAmended),
    Withdrawn(Withdrawn),
    Linked(Linked),
    Settled(Settled),
    /// A kind of a later version: stored, relayed, acknowledged, and understood after an upgrade.
    Unknown {
        kind: u16,
        cbor: Vec<u8>,
    },
}

/// Numbers of the kinds. A number is never used again for something else.
pub mod kind {
    pub const CITIZEN_EDITED: u16 = 1;
    pub const DOSE_GIVEN: u16 = 2;
    pub const DOSE_AMENDED: u16 = 3;
    pub const WITHDRAWN: u16 = 4;
    pub const LINKED: u16 = 5;
    pub const SETTLED: u16 = 6;
}

impl Statement {
    pub fn kind(&self) -> u16 {
        match self {
            Self::CitizenEdited(_) => kind::CITIZEN_EDITED,
            Self::DoseGiven(_) => kind::DOSE_GIVEN,
            Self::DoseAmended(_) => kind::DOSE_AMENDED,
            Self::Withdrawn(_) => kind::WITHDRAWN,
            Self::Linked(_) => kind::LINKED,
            Self::Settled(_) => kind::SETTLED,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// Citizens other than the subject whose records this statement enters.
    pub fn other_citizens(&self) -> &[CitizenId] {
        match self {
            Self::Linked(_) if is_alive(Bug::LinkNotAboutOther) => &[],
            Self::Linked(linked) => std::slice::from_ref(&linked.other),
            Self::Settled(settled) => &settled.citizens,
            Self::CitizenEdited(_)
            | Self::DoseGiven(_)
            | Self::DoseAmended(_)
            | Self::Withdrawn(_)
            | Self::Unknown { .. } => &[],
        }
    }

    /// Bounds that no encoding enforces.
    pub fn within_limits(&self) -> bool {
        let note = |text: &str| text.chars().count() <= limits::NOTE_CHARS_MAX;
        let code = |text: &str| text.len() <= limits::CODE_CHARS_MAX;
        match self {
            Self::CitizenEdited(edited) => {
                let mut registers: Vec<_> = edited.values.iter().map(RegisterValue::register).collect();
                registers.sort_unstable();
                registers.dedup();
                !edited.values.is_empty()
                    && edited.values.len() <= limits::REGISTERS_MAX
                    && registers.len() == edited.values.len()
                    && code(edited.source.code())
                    && edited.scan.as_ref().is_none_or(|scan| scan.chars().count() <= limits::SCAN_CHARS_MAX)
                    && edited.values.iter().all(value_within_limits)
            }
            Self::DoseGiven(dose) => {
                (1..=20).contains(&dose.number)
                    && code(&dose.site)
                    && code(dose.body_site.code())
                    && code(dose.route.code())
                    && code(dose.source.code())
                    && dose.in_spite_of.len() <= limits::INVOLVED_MAX
                    && dose.in_spite_of.iter().all(|finding| code(finding))
            }
            Self::DoseAmended(amended) => note(&amended.note),
            Self::Withdrawn(withdrawn) => note(&withdrawn.note) && code(withdrawn.reason.code()),
            Self::Linked(linked) => note(&linked.note),
            Self::Settled(settled) => {
                note(&settled.note)
                    && !settled.involved.is_empty()
                    && settled.involved.len() <= limits::INVOLVED_MAX
                    && settled.citizens.len() <= limits::INVOLVED_MAX
                    && settled.key.as_ref().is_none_or(|key| key.len() <= 160)
            }
            Self::Unknown { .. } => true,
        }
    }
}

fn value_within_limits(value: &RegisterValue) -> bool {
    match value {
        RegisterValue::Unit(code) => !code.is_empty() && code.len() <= limits::CODE_CHARS_MAX,
        RegisterValue::PriorityGroup(group) => (1..=16).contains(group),
        RegisterValue::Guardian(guardian) => guardian.relation.chars().count() <= limits::NAME_CHARS_MAX,
        RegisterValue::Name(_)
        | RegisterValue::Birth(_)
        | RegisterValue::Sex(_)
        | RegisterValue::NationalId(_)
        | RegisterValue::OldNationalId(_)
        | RegisterValue::InsuranceId(_)
        | RegisterValue::PassportId(_)
        | RegisterValue::Phone(_)
        | RegisterValue::Address(_)
        | RegisterValue::Other(..) => true,
    }
}

/// A statement with what its author saw, salted so that an erased one can't be guessed from its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub salt: [u8; 8],
    pub statement: Statement,
    /// For a dose: the doses of this citizen that the laptop knew.
    pub seen: Vec<StatementId>,
    /// For an edit: the statements whose values were on screen.
    pub based_on: Vec<StatementId>,
}

/// Why the bytes of a body say nothing that may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("not the CBOR of a body")]
    Malformed,
    #[error("a field is beyond its limit")]
    BeyondLimits,
}

impl Body {
    /// `{0: salt, 1: statement, 2: seen, 3: based_on}`, empty lists left out.
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut e = minicbor::Encoder::new(&mut bytes);
        let lists = u64::from(!self.seen.is_empty()) + u64::from(!self.based_on.is_empty());
        // Writing to a Vec cannot fail.
        let _ = e.map(2 + lists).and_then(|e| e.u8(0)).and_then(|e| e.bytes(&self.salt)).and_then(|e| e.u8(1));
        let _ = match &self.statement {
            Statement::CitizenEdited(s) => s.encode(&mut e, &mut ()),
            Statement::DoseGiven(s) => s.encode(&mut e, &mut ()),
            Statement::DoseAmended(s) => s.encode(&mut e, &mut ()),
            Statement::Withdrawn(s) => s.encode(&mut e, &mut ()),
            Statement::Linked(s) => s.encode(&mut e, &mut ()),
            Statement::Settled(s) => s.encode(&mut e, &mut ()),
            Statement::Unknown { cbor, .. } => {
                e.writer_mut().extend_from_slice(cbor);
                Ok(())
            }
        };
        for (key, list) in [(2, &self.seen), (3, &self.based_on)] {
            if !list.is_empty() {
                let _ = e.u8(key);
                let _ = list.encode(&mut e, &mut ());
            }
        }
        bytes
    }

    /// Reads a body of the given kind. Unknown fields are passed over; the caller keeps the bytes.
    pub fn from_cbor(kind: u16, bytes: &[u8]) -> Result<Self, BodyError> {
        // Before anything is unfolded: an empty text in a list takes one byte here and many in memory.
        if bytes.len() > limits::BODY_BYTES_MAX {
            return Err(BodyError::BeyondLimits);
        }
        let body = Self::parse(kind, bytes).map_err(|_| BodyError::Malformed)?;
        let lists_fit = body.seen.len() <= limits::SEEN_MAX && body.based_on.len() <= limits::BASED_ON_MAX;
        if lists_fit && body.statement.within_limits() { Ok(body) } else { Err(BodyError::BeyondLimits) }
    }

    fn parse(kind: u16, bytes: &[u8]) -> Result<Self, minicbor::decode::Error> {
        let malformed = minicbor::decode::Error::message;
        let d = &mut minicbor::Decoder::new(bytes);
        let fields = d.map()?.ok_or_else(|| malformed("a body has a known length"))?;
        let (mut salt, mut statement, mut seen, mut based_on) = (None, None, Vec::new(), Vec::new());
        let mut last = None;
        for _ in 0..fields {
            let key = d.u8()?;
            if last.is_some_and(|last| key <= last) {
                return Err(malformed("keys of a body ascend"));
            }
            last = Some(key);
            match key {
                0 => salt = d.bytes()?.try_into().ok(),
                1 => statement = Some(parse_statement(kind, d)?),
                2 => seen = parse_ids(d)?,
                3 => based_on = parse_ids(d)?,
                _ => d.skip()?,
            }
        }
        if d.position() != bytes.len() {
            return Err(malformed("bytes after the body"));
        }
        Ok(Self {
            salt: salt.ok_or_else(|| malformed("a body has eight bytes of salt"))?,
            statement: statement.ok_or_else(|| malformed("a body has a statement"))?,
            seen,
            based_on,
        })
    }
}

fn parse_ids(d: &mut minicbor::Decoder<'_>) -> Result<Vec<StatementId>, minicbor::decode::Error> {
    // Checked before allocation: the count is a stranger's.
    match d.array()? {
        Some(count) if count <= limits::SEEN_MAX as u64 => (0..count).map(|_| d.decode()).collect(),
        _ => Err(minicbor::decode::Error::message("too many ids")),
    }
}

fn parse_statement(kind: u16, d: &mut minicbor::Decoder<'_>) -> Result<Statement, minicbor::decode::Error> {
    Ok(match kind {
        kind::CITIZEN_EDITED => Statement::CitizenEdited(d.decode()?),
        kind::DOSE_GIVEN => Statement::DoseGiven(d.decode()?),
        kind::DOSE_AMENDED => Statement::DoseAmended(d.decode()?),
        kind::WITHDRAWN => Statement::Withdrawn(d.decode()?),
        kind::LINKED => Statement::Linked(d.decode()?),
        kind::SETTLED => Statement::Settled(d.decode()?),
        kind => {
            let from = d.position();
            d.skip()?;
            Statement::Unknown { kind, cbor: d.input()[from..d.position()].to_vec() }
        }
    })
}
