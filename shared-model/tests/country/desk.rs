//! A laptop on a table: one device key, the people who unlock it, and a sealed log.

use ed25519_dalek::SigningKey;
use shared_model::certificate::{AuthorCertificate, DeviceCertificate};
use shared_model::envelope::{Authority, Envelope, Header, LogHead, PublicKey, Said, Seal, SigningKeys};
use shared_model::ids::{AuthorId, BodyHash, Chain, DeviceId, Epoch, Seq, StatementId};
use shared_model::statement::{Body, Statement, Subject};
use shared_model::sync::AuthorStanding;
use shared_model::sync::message::Push;
use shared_model::time::{ClockEvidence, Hlc, MS_PER_DAY, MS_PER_MINUTE, Moment};

use super::{author, device, key, morning, rules_id};

/// Somebody with a badge.
#[derive(Clone)]
pub struct Person {
    pub id: AuthorId,
    pub key: SigningKey,
    pub authority: Authority,
}

impl Person {
    pub fn of_the_team(n: u8) -> Self {
        Self { id: author(n), key: key(0xa000 + u64::from(n)), authority: Authority::Team }
    }

    pub fn of_the_nation(n: u8) -> Self {
        Self { authority: Authority::National, ..Self::of_the_team(n) }
    }

    pub fn certificate(&self, device: DeviceId) -> AuthorCertificate {
        AuthorCertificate {
            author: self.id,
            device,
            key: PublicKey::of(&self.key),
            name: "Lê Thị Hoa".to_owned(),
            authority: self.authority,
            not_before_ms: morning().plus_ms(-30 * MS_PER_DAY).0,
            not_after_ms: morning().plus_ms(365 * MS_PER_DAY).0,
        }
    }

    pub fn standing(&self, device: DeviceId) -> AuthorStanding {
        AuthorStanding { certificate: self.certificate(device), revoked: false }
    }
}

/// What stands at one place of a log.
#[derive(Debug, Clone)]
pub struct Entry {
    pub statement: StatementId,
    pub chain: Chain,
    pub envelope: Envelope,
}

#[derive(Clone)]
pub struct Desk {
    pub device: DeviceId,
    pub key: SigningKey,
    pub person: Person,
    pub epoch: Epoch,
    pub head: LogHead,
    /// Entry n lies at n − 1.
    pub log: Vec<Entry>,
    pub seals: Vec<Seal>,
    pub hlc: Hlc,
    pub wall: Moment,
    said: u64,
}

impl Desk {
    pub fn new(n: u8) -> Self {
        let device = device(n);
        Self {
            device,
            key: key(0xd000 + u64::from(n)),
            person: Person::of_the_team(n),
            epoch: 1,
            head: LogHead::empty(device, 1),
            log: Vec::new(),
            seals: Vec::new(),
            hlc: Hlc::default(),
            wall: morning(),
            said: 0,
        }
    }

    pub fn certificate(&self) -> DeviceCertificate {
        DeviceCertificate {
            device: self.device,
            key: PublicKey::of(&self.key),
            name: "Laptop 3, Trạm y tế phường 5".to_owned(),
            site: "TYT-5".to_owned(),
            area: "79-773-26740".to_owned(),
            not_before_ms: morning().plus_ms(-30 * MS_PER_DAY).0,
            not_after_ms: morning().plus_ms(365 * MS_PER_DAY).0,
        }
    }

    pub fn header(&mut self, subject: Subject) -> Header {
        self.wall = self.wall.plus_ms(MS_PER_MINUTE);
        self.hlc = self.hlc.tick(self.wall);
        Header {
            kind: 0,
            subject,
            author: self.person.id,
            device: self.device,
            hlc: self.hlc,
            evidence: ClockEvidence { offset_ms: Some(-1_500), contact_age_s: Some(3_600), went_backwards: false },
            rules: rules_id(),
            authority: self.person.authority,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        }
    }

    /// Composes an envelope without appending it.
    pub fn composes(
        &mut self,
        subject: Subject,
        statement: Statement,
        seen: Vec<StatementId>,
        based_on: Vec<StatementId>,
    ) -> Envelope {
        self.said += 1;
        let mut salt = self.said.to_be_bytes();
        salt[0] = self.device.0[0];
        let header = self.header(subject);
        Envelope::compose(header, &Body { salt, statement, seen, based_on }).unwrap()
    }

    pub fn append(&mut self, envelope: Envelope) -> StatementId {
        let statement = envelope.statement_id();
        self.head = self.head.append(self.device, self.epoch, statement);
        self.log.push(Entry { statement, chain: self.head.chain, envelope });
        statement
    }

    pub fn says(&mut self, subject: Subject, statement: Statement) -> Said {
        self.says_having_seen(subject, statement, Vec::new(), Vec::new())
    }

    pub fn says_having_seen(
        &mut self,
        subject: Subject,
        statement: Statement,
        seen: Vec<StatementId>,
        based_on: Vec<StatementId>,
    ) -> Said {
        let envelope = self.composes(subject, statement, seen, based_on);
        let said = envelope.open().unwrap();
        self.append(envelope);
        said
    }

    /// Seals what nobody has sealed yet, in the name of whoever has unlocked the laptop.
    pub fn seal(&mut self) {
        if self.seals.last().map_or(0, |seal| seal.to_seq) < self.head.seq {
            self.seals.push(self.a_seal(self.head));
        }
    }

    pub fn a_seal(&self, to: LogHead) -> Seal {
        let keys = SigningKeys { device: &self.key, author: &self.person.key };
        Seal::make(self.device, self.epoch, to.seq, to.chain, self.person.id, &keys)
    }

    /// Locks the laptop and lets somebody else unlock it.
    pub fn changes_hands(&mut self, person: Person) {
        self.seal();
        self.person = person;
    }

    pub fn chain_at(&self, seq: Seq) -> Option<Chain> {
        match usize::try_from(seq).ok()?.checked_sub(1) {
            None => Some(LogHead::empty(self.device, self.epoch).chain),
            Some(at) => self.log.get(at).map(|entry| entry.chain),
        }
    }

    pub fn head_at(&self, seq: Seq) -> LogHead {
        LogHead { seq, chain: self.chain_at(seq).unwrap() }
    }

    /// The range `from..=to` with every seal inside it; one of its own at the end where none falls there.
    pub fn push(&self, from: Seq, to: Seq) -> Push {
        let mut seals: Vec<Seal> =
            self.seals.iter().filter(|seal| (from..=to).contains(&seal.to_seq)).copied().collect();
        if seals.last().is_none_or(|seal| seal.to_seq < to) {
            seals.push(self.a_seal(self.head_at(to)));
        }
        Push {
            device: self.device,
            epoch: self.epoch,
            from,
            previous: self.chain_at(from - 1).unwrap(),
            entries: (from..=to).map(|seq| self.entry(seq).envelope.clone().into()).collect(),
            seals,
            nonce: [0x7e; 16],
        }
    }

    pub fn entry(&self, seq: Seq) -> &Entry {
        &self.log[usize::try_from(seq - 1).unwrap()]
    }

    /// Everything this log says, opened.
    pub fn said(&self) -> Vec<Said> {
        self.log.iter().map(|entry| entry.envelope.open().unwrap()).collect()
    }
}
