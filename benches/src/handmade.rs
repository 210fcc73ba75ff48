//! A laptop's log without a laptop: real keys, real statements, real seals, made by the hundred thousand.

use std::sync::Arc;

use anyhow::{Context, ensure};
use ed25519_dalek::SigningKey;
use roads::courier::Courier;
use roads::road::{Parcel, Road};
use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::citizen::{Address, Birth, BirthPrecision, CampaignKey, NationalId, PersonName, RegisterValue};
use shared_model::dose::{BodySite, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Envelope, Header, LogHead, PublicKey, Seal, SigningKeys};
use shared_model::ids::{AuthorId, BodyHash, CitizenId, DeviceId, Epoch, RulesId};
use shared_model::limits::PUSH_ENTRIES_MAX;
use shared_model::statement::{Body, CitizenEdited, Statement, Subject};
use shared_model::sync::Trouble;
use shared_model::sync::message::{Enrol, Enrolled, Introduce, Introduced, Push, Receipt};
use shared_model::time::{ClockEvidence, Date, Hlc, MS_PER_DAY};

use crate::clock;
use crate::fleet::{Nation, Pushes, Scales};

pub struct Handmade {
    pub device: DeviceId,
    author: AuthorId,
    key: SigningKey,
    author_key: SigningKey,
    campaign: PublicKey,
    citizens: CampaignKey,
    certificates: (Signed, Signed),
    site: String,
    epoch: Epoch,
    /// Of all that was said; and of what is in pushes already.
    head: LogHead,
    packed: LogHead,
    said: Vec<Envelope>,
    hlc: Hlc,
}

impl Handmade {
    /// Lets itself in with a code.
    pub fn enrolled(road: &mut dyn Road, code: &str) -> anyhow::Result<Self> {
        let draw = |what: &str| -> [u8; 32] { Sha256::digest(format!("{code} {what}")).into() };
        let half = |what: &str| draw(what).first_chunk().copied().unwrap_or_default();
        let (key, author_key) = (SigningKey::from_bytes(&draw("key")), SigningKey::from_bytes(&draw("author's key")));
        let (device, author) = (DeviceId(half("device")), AuthorId(half("author")));
        let enrol = Enrol {
            code: code.to_owned(),
            device,
            device_key: PublicKey::of(&key),
            device_name: code.to_owned(),
            author,
            author_key: PublicKey::of(&author_key),
            author_name: "Đội tiêm".to_owned(),
        };
        let enrolled: Enrolled = Courier::new(road, device, key.clone()).ask_unsigned("/device/enrol", &enrol)?;
        let empty = LogHead::empty(device, enrolled.epoch);
        Ok(Self {
            device,
            author,
            key,
            author_key,
            campaign: enrolled.campaign_key,
            citizens: CampaignKey::new(enrolled.citizen_key),
            certificates: (enrolled.device, enrolled.author),
            site: code.to_owned(),
            epoch: enrolled.epoch,
            head: empty,
            packed: empty,
            said: Vec::new(),
            hlc: Hlc::default(),
        })
    }

    pub fn courier<'a>(&self, road: &'a mut dyn Road) -> Courier<'a> {
        Courier::new(road, self.device, self.key.clone())
    }

    /// Shows its certificates to a hub that has not heard of it.
    pub fn introduce_to(&self, road: &mut dyn Road) -> anyhow::Result<()> {
        let (device, author) = self.certificates.clone();
        let question = Introduce { devices: vec![device], authors: vec![author] };
        self.courier(road).ask_unsigned::<Introduced>("/device/introduce", &question)?;
        Ok(())
    }

    /// The person of this number in the country, from a scanned card.
    pub fn register(&mut self, person: u32) -> anyhow::Result<()> {
        let Printed { card, name, year, street } = printed(person)?;
        let values = vec![
            RegisterValue::Birth(Birth { date: Date::new(year, 5, 1)?, precision: BirthPrecision::Day }),
            RegisterValue::Name(PersonName::parse(&name)?),
            RegisterValue::Address(Address::parse(&street)?),
            RegisterValue::NationalId(card),
        ];
        let scan = Some(scan(person)?);
        let edited = CitizenEdited { values, source: Source::Scanned, scan };
        self.say(person, Statement::CitizenEdited(edited))
    }

    pub fn give(&mut self, person: u32, number: u8, days_ago: i64) -> anyhow::Result<()> {
        let dose = DoseGiven {
            product: ProductCode::parse("astrazeneca")?,
            lot: LotNumber::parse("PV46664")?,
            number,
            given_at_ms: clock::now().plus_ms(-days_ago * MS_PER_DAY).0,
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: self.site.clone(),
            session: None,
            lot_expiry: None,
            source: Source::Scanned,
            in_spite_of: Vec::new(),
        };
        self.say(person, Statement::DoseGiven(dose))
    }

    fn say(&mut self, person: u32, statement: Statement) -> anyhow::Result<()> {
        let citizen = CitizenId::of_scanned_card(&self.citizens, &card(person)?);
        self.hlc = self.hlc.tick(clock::now());
        let header = Header {
            kind: statement.kind(),
            subject: Subject::Citizen(citizen),
            author: self.author,
            device: self.device,
            hlc: self.hlc,
            evidence: ClockEvidence { offset_ms: Some(0), contact_age_s: Some(60), went_backwards: false },
            rules: RulesId([0; 16]),
            authority: Authority::Team,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        };
        let salt = (self.head.seq + 1).to_be_bytes();
        let body = Body { salt, statement, seen: Vec::new(), based_on: Vec::new() };
        let envelope = Envelope::compose(header, &body).context("a statement within limits")?;
        self.head = self.head.append(self.device, self.epoch, envelope.statement_id());
        self.said.push(envelope);
        Ok(())
    }

    /// What was said since the last time, in ranges under one seal each.
    pub fn pushes(&mut self) -> Vec<Push> {
        let said = std::mem::take(&mut self.said);
        said.chunks(PUSH_ENTRIES_MAX).map(|range| self.push(range)).collect()
    }

    fn push(&mut self, range: &[Envelope]) -> Push {
        let start = self.packed;
        self.packed =
            range.iter().fold(start, |head, envelope| head.append(self.device, self.epoch, envelope.statement_id()));
        let keys = SigningKeys { device: &self.key, author: &self.author_key };
        Push {
            device: self.device,
            epoch: self.epoch,
            from: start.seq + 1,
            previous: start.chain,
            entries: range.iter().cloned().map(Into::into).collect(),
            seals: vec![Seal::make(self.device, self.epoch, self.packed.seq, self.packed.chain, self.author, &keys)],
            nonce: [0; 16],
        }
    }

    /// What was said since the last time, as requests that are ready to go.
    pub fn parcels(&mut self, nation: &Nation) -> anyhow::Result<Vec<Parcel>> {
        let held = Pushes::default();
        let mut road = nation.road(Scales::Hold(Arc::clone(&held)));
        for push in self.pushes() {
            ensure!(
                matches!(self.send(&mut self.courier(&mut road), &push)?, Err(Trouble::NoNetwork)),
                "not held back"
            );
        }
        Ok(std::mem::take(&mut *held.lock().ok().context("a road broke")?))
    }

    /// Sends a push to the nation, and is told how far the log is held.
    pub fn send(&self, courier: &mut Courier<'_>, push: &Push) -> anyhow::Result<Result<LogHead, Trouble>> {
        let signed: Signed = match courier.ask("/device/push", push) {
            Ok(signed) => signed,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let receipt: Receipt = signed.open(self.campaign)?;
        ensure!(receipt.fresh_epoch.is_none() && receipt.quarantined.is_empty(), "not believed: {receipt:?}");
        Ok(Ok(receipt.held))
    }

    pub fn head(&self) -> LogHead {
        self.head
    }
}

/// Numbers as Decree 137/2015 builds them: province, sex and century, year, six digits.
fn card(person: u32) -> anyhow::Result<NationalId> {
    let (sex, year, serial) = (person % 2, 50 + person / 2 % 50, person / 100);
    Ok(NationalId::parse(&format!("079{sex}{year:02}{serial:06}"))?)
}

/// What is printed on somebody's card.
struct Printed {
    card: NationalId,
    name: String,
    year: i32,
    street: String,
}

fn printed(person: u32) -> anyhow::Result<Printed> {
    let card = card(person)?;
    let given = ["An", "Bình", "Chi", "Dung", "Hạnh", "Khai", "Lan", "Mai", "Nga", "Oanh", "Phượng", "Quyên"];
    let family = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ"];
    let (one, two) = ((person % 12) as usize, (person / 12 % 12) as usize);
    Ok(Printed {
        name: format!("{} Thị {} {}", family[two], given[(one + two) % 12], given[one]),
        year: card.says().map_or(1990, |(_, year)| year),
        street: format!("{} Hẻm {two}, Phường 3, Quận 4, TP. Hồ Chí Minh", person % 97),
        card,
    })
}

/// What a camera reads off it.
pub fn scan(person: u32) -> anyhow::Result<String> {
    let Printed { card, name, year, street } = printed(person)?;
    Ok(format!("{}||{name}|0105{year}|Nữ|{street}|15042021", card.as_str()))
}
