//! A device played by hand. It holds real keys and a real certificate, and says what a laptop of this
//! version never would: things of a later version, of another's name, or by the thousand.

use ed25519_dalek::SigningKey;
use field_client::sync::road::{Parcel, Reply};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::citizen::{CampaignKey, NationalId, RegisterValue};
use shared_model::dose::{BodySite, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Envelope, Header, LogHead, PublicKey, Seal, SigningKeys, sign};
use shared_model::ids::{AuthorId, BodyHash, CitizenId, DeviceId, Epoch, RulesId, StatementId, to_hex};
use shared_model::limits;
use shared_model::statement::{Body, CitizenEdited, Statement, Subject};
use shared_model::sync::message::{Enrol, Enrolled, Greet, Greeted, Push, Receipt, Refusal};
use shared_model::sync::request;
use shared_model::time::{ClockEvidence, Hlc};

use crate::World;
use crate::edge::Dice;
use crate::people::Person;

pub struct Handmade {
    pub device: DeviceId,
    pub author: AuthorId,
    key: SigningKey,
    author_key: SigningKey,
    campaign: PublicKey,
    citizens: CampaignKey,
    epoch: Epoch,
    log: Vec<Envelope>,
    head: LogHead,
    /// The head up to which the server said that it holds the log.
    held: LogHead,
    hlc: Hlc,
}

impl Handmade {
    pub(crate) fn enrolled(world: &World, code: &str, name: &str, seed: u64) -> Self {
        let dice = Dice::seeded(seed);
        let draw = || -> [u8; 32] {
            let mut bytes = [0; 32];
            bytes.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&dice.roll().to_be_bytes()));
            bytes
        };
        let id = || -> [u8; 16] { draw()[..16].try_into().expect("half") };
        let (key, author_key) = (SigningKey::from_bytes(&draw()), SigningKey::from_bytes(&draw()));
        let (device, author) = (DeviceId(id()), AuthorId(id()));
        let enrol = Enrol {
            code: code.to_owned(),
            device,
            device_key: PublicKey::of(&key),
            device_name: name.to_owned(),
            author,
            author_key: PublicKey::of(&author_key),
            author_name: format!("Đội {name}"),
        };
        let parcel = Parcel { path: "/device/enrol".to_owned(), body: Some(cbor(&enrol)), headers: Vec::new() };
        let enrolled: Enrolled = read(&world.replay(&parcel)).expect("let in");
        let empty = LogHead::empty(device, enrolled.epoch);
        Self {
            device,
            author,
            key,
            author_key,
            campaign: enrolled.campaign_key,
            citizens: CampaignKey::new(enrolled.citizen_key),
            epoch: enrolled.epoch,
            log: Vec::new(),
            head: empty,
            held: empty,
            hlc: Hlc::default(),
        }
    }

    /// The id that every laptop gives to the holder of this card.
    pub fn citizen(&self, person: &Person) -> CitizenId {
        CitizenId::of_scanned_card(&self.citizens, &NationalId::parse(&person.number).expect("a card's number"))
    }

    /// Writes an envelope at the end of the log, whatever is in it.
    pub fn writes(&mut self, envelope: Envelope) -> StatementId {
        let id = envelope.statement_id();
        self.head = self.head.append(self.device, self.epoch, id);
        self.log.push(envelope);
        id
    }

    pub fn envelope(&mut self, world: &World, subject: Subject, body: &Body) -> Envelope {
        self.hlc = self.hlc.tick(world.clock.now());
        let header = Header {
            kind: body.statement.kind(),
            subject,
            author: self.author,
            device: self.device,
            hlc: self.hlc,
            evidence: ClockEvidence { offset_ms: Some(0), contact_age_s: Some(60), went_backwards: false },
            rules: RulesId([0; 16]),
            authority: Authority::Team,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        };
        Envelope::compose(header, body).expect("within limits")
    }

    pub fn says(&mut self, world: &World, citizen: CitizenId, statement: Statement, on: &[StatementId]) -> StatementId {
        let seen_or_based = |dose: bool| if dose == is_dose(&statement) { on.to_vec() } else { Vec::new() };
        let (seen, based_on) = (seen_or_based(true), seen_or_based(false));
        let salt = (self.head.seq + 1).to_be_bytes();
        let envelope = self.envelope(world, Subject::Citizen(citizen), &Body { salt, statement, seen, based_on });
        self.writes(envelope)
    }

    pub fn edits(
        &mut self,
        world: &World,
        citizen: CitizenId,
        values: Vec<RegisterValue>,
        on: &[StatementId],
    ) -> StatementId {
        let edited = CitizenEdited { values, source: Source::Typed, scan: None };
        self.says(world, citizen, Statement::CitizenEdited(edited), on)
    }

    /// Gives a first dose.
    pub fn gives(&mut self, world: &World, citizen: CitizenId) -> StatementId {
        let dose = DoseGiven {
            product: ProductCode::parse("astrazeneca").expect("a product"),
            lot: LotNumber::parse("PV46664").expect("a lot"),
            number: 1,
            given_at_ms: world.clock.now().0,
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: "handmade".to_owned(),
            session: None,
            lot_expiry: None,
            source: Source::Scanned,
            in_spite_of: Vec::new(),
        };
        self.says(world, citizen, Statement::DoseGiven(dose), &[])
    }

    /// The next range that the server does not hold, under one seal.
    pub fn range(&self) -> Push {
        let from = self.held.seq + 1;
        let start = usize::try_from(self.held.seq).expect("a short log");
        let entries = &self.log[start..(start + limits::PUSH_ENTRIES_MAX).min(self.log.len())];
        let end = entries
            .iter()
            .fold(self.held, |head, envelope| head.append(self.device, self.epoch, envelope.statement_id()));
        let keys = SigningKeys { device: &self.key, author: &self.author_key };
        Push {
            device: self.device,
            epoch: self.epoch,
            from,
            previous: self.held.chain,
            entries: entries.iter().cloned().map(Into::into).collect(),
            seals: vec![Seal::make(self.device, self.epoch, end.seq, end.chain, self.author, &keys)],
            nonce: [0; 16],
        }
    }

    /// Pushes everything, and gives back what was not believed: number and code.
    pub fn pushes(&mut self, world: &World) -> Vec<(u64, String)> {
        let mut doubted = Vec::new();
        while self.held.seq < self.head.seq {
            let signed: Signed = self.asks(world, "/device/push", &self.range()).expect("a receipt");
            let receipt: Receipt = signed.open(self.campaign).expect("the campaign's word");
            assert!(receipt.held.seq > self.held.seq && receipt.fresh_epoch.is_none(), "{receipt:?}");
            self.held = receipt.held;
            doubted.extend(receipt.quarantined.into_iter().map(|notice| (notice.seq, notice.code)));
        }
        doubted
    }

    /// Asks as this device does, and reads the answer or the refusal.
    pub fn asks<A: for<'b> Decode<'b, ()>>(
        &self,
        world: &World,
        path: &str,
        question: &impl Encode<()>,
    ) -> Result<A, Refusal> {
        read(&world.replay(&self.parcel(world, path, Some(cbor(question)))))
    }

    /// A signed request with this body, as it is.
    pub fn parcel(&self, world: &World, path: &str, body: Option<Vec<u8>>) -> Parcel {
        let greet = Greet { device: self.device, protocol: 1 };
        let parcel = Parcel { path: "/device/greet".to_owned(), body: Some(cbor(&greet)), headers: Vec::new() };
        let nonce = read::<Greeted>(&world.replay(&parcel)).expect("a nonce").nonce;
        let sha256: [u8; 32] = Sha256::digest(body.as_deref().unwrap_or_default()).into();
        let signature = sign(&self.key, request::DOMAIN, &request::signed_content(path, &nonce, &sha256));
        let authorization = format!(
            "{} device=\"{}\", nonce=\"{}\", signature=\"{}\"",
            request::SCHEME,
            self.device,
            to_hex(&nonce),
            to_hex(&signature.0)
        );
        Parcel { path: path.to_owned(), body, headers: vec![("authorization", authorization)] }
    }
}

fn is_dose(statement: &Statement) -> bool {
    matches!(statement, Statement::DoseGiven(_))
}

pub fn cbor(message: &impl Encode<()>) -> Vec<u8> {
    minicbor::to_vec(message).expect("CBOR")
}

/// Reads an answer, or why there is none.
pub fn read<A: for<'b> Decode<'b, ()>>(reply: &Reply) -> Result<A, Refusal> {
    let body = if reply.zstd { zstd::decode_all(&reply.body[..]).expect("zstd") } else { reply.body.clone() };
    if reply.status == 200 {
        Ok(minicbor::decode(&body).expect("an answer"))
    } else {
        Err(minicbor::decode(&body).expect("a refusal"))
    }
}
