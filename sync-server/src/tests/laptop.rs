//! A laptop played by hand: it says things, seals them, signs what it asks, and reads its feed.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::certificate::CampaignWord;
use shared_model::citizen::{Birth, BirthPrecision, NationalId, PersonName, RegisterValue};
use shared_model::dose::{BodySite, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::envelope::{Authority, Envelope, Header, LogHead, PublicKey, Seal, SigningKeys, sign};
use shared_model::ids::{AuthorId, BodyHash, CitizenId, DeviceId, Epoch, RulesId, Seq, StatementId, to_hex};
use shared_model::statement::{Body as Said, CitizenEdited, Statement, Subject};
use shared_model::sync::feed::{CheckedPage, Cursor, check_page};
use shared_model::sync::message::{
    Enrol, Enrolled, Greet, Greeted, Hello, HelloAnswer, Page, Pull, Push, Receipt, Refusal,
};
use shared_model::sync::request;
use shared_model::time::{ClockEvidence, Date, Hlc, Moment};

use super::nation::{Heard, Nation};

pub(crate) type Answered<T> = Result<T, (StatusCode, Refusal)>;

pub(crate) struct Laptop {
    pub(crate) device: DeviceId,
    pub(crate) key: SigningKey,
    pub(crate) author: AuthorId,
    pub(crate) author_key: SigningKey,
    pub(crate) campaign: PublicKey,
    pub(crate) epoch: Epoch,
    pub(crate) log: Vec<Envelope>,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) feed: Vec<StatementId>,
    pub(crate) site: String,
    pub(crate) authority: Authority,
    hlc: Hlc,
}

/// Somebody's card, by a number.
pub(crate) fn citizen(n: u8) -> CitizenId {
    CitizenId([n; 16])
}

impl Laptop {
    /// Made in a shop; knows nobody yet.
    pub(crate) fn new(n: u8) -> Self {
        Self {
            device: DeviceId([n; 16]),
            key: SigningKey::from_bytes(&[n; 32]),
            author: AuthorId([n; 16]),
            author_key: SigningKey::from_bytes(&[n ^ 0x80; 32]),
            campaign: PublicKey([0; 32]),
            epoch: 0,
            log: Vec::new(),
            cursor: None,
            feed: Vec::new(),
            site: format!("site-{n}"),
            authority: Authority::Team,
            hlc: Hlc::default(),
        }
    }

    pub(crate) async fn enrolled(nation: &Nation, n: u8, area: &str) -> Self {
        let mut laptop = Self::new(n);
        let code = format!("CODE-{n:04}");
        nation.server.add_code(&code, &laptop.site, area).await.unwrap();
        let enrolled = laptop.enrol(nation, &code).await.unwrap();
        laptop.campaign = enrolled.campaign_key;
        laptop.epoch = enrolled.epoch;
        laptop
    }

    pub(crate) async fn enrol(&self, nation: &Nation, code: &str) -> Answered<Enrolled> {
        let enrol = Enrol {
            code: code.to_owned(),
            device: self.device,
            device_key: PublicKey::of(&self.key),
            device_name: "laptop".to_owned(),
            author: self.author,
            author_key: PublicKey::of(&self.author_key),
            author_name: "Lê Thị Tiêm".to_owned(),
        };
        let body = minicbor::to_vec(&enrol).unwrap();
        let request = Request::post("/device/enrol").body(Body::from(body)).unwrap();
        read(nation.send(request).await)
    }

    pub(crate) fn head(&self) -> LogHead {
        self.log.iter().fold(LogHead::empty(self.device, self.epoch), |head, envelope| {
            head.append(self.device, self.epoch, envelope.statement_id())
        })
    }

    pub(crate) fn head_at(&self, seq: Seq) -> LogHead {
        self.log
            .iter()
            .take(usize::try_from(seq).unwrap())
            .fold(LogHead::empty(self.device, self.epoch), |head, envelope| {
                head.append(self.device, self.epoch, envelope.statement_id())
            })
    }

    pub(crate) fn envelope(&mut self, now: Moment, subject: Subject, body: &Said) -> Envelope {
        self.hlc = self.hlc.tick(now);
        let header = Header {
            kind: body.statement.kind(),
            subject,
            author: self.author,
            device: self.device,
            hlc: self.hlc,
            evidence: ClockEvidence { offset_ms: Some(0), contact_age_s: Some(60), went_backwards: false },
            rules: RulesId([0; 16]),
            authority: self.authority,
            body_bytes: 0,
            body_hash: BodyHash([0; 32]),
        };
        Envelope::compose(header, body).unwrap()
    }

    pub(crate) fn say_about(&mut self, now: Moment, subject: Subject, body: &Said) -> StatementId {
        let envelope = self.envelope(now, subject, body);
        let id = envelope.statement_id();
        self.log.push(envelope);
        id
    }

    pub(crate) fn say(&mut self, now: Moment, about: CitizenId, statement: Statement) -> StatementId {
        let body = Said { salt: [9; 8], statement, seen: Vec::new(), based_on: Vec::new() };
        self.say_about(now, Subject::Citizen(about), &body)
    }

    pub(crate) fn register(&mut self, now: Moment, about: CitizenId, name: &str, number: &str) -> StatementId {
        let values = vec![
            RegisterValue::Name(PersonName::parse(name).unwrap()),
            RegisterValue::Birth(Birth { date: Date::new(1990, 5, 1).unwrap(), precision: BirthPrecision::Day }),
            RegisterValue::NationalId(NationalId::parse(number).unwrap()),
        ];
        let edited = CitizenEdited { values, source: Source::Scanned, scan: Some(format!("{number}|{name}")) };
        self.say(now, about, Statement::CitizenEdited(edited))
    }

    pub(crate) fn edit(
        &mut self,
        now: Moment,
        about: CitizenId,
        values: Vec<RegisterValue>,
        on: &[StatementId],
    ) -> StatementId {
        let statement = Statement::CitizenEdited(CitizenEdited { values, source: Source::Typed, scan: None });
        let body = Said { salt: [8; 8], statement, seen: Vec::new(), based_on: on.to_vec() };
        self.say_about(now, Subject::Citizen(about), &body)
    }

    pub(crate) fn dose(&self, now: Moment, number: u8, lot: &str) -> DoseGiven {
        DoseGiven {
            product: ProductCode::parse("astrazeneca").unwrap(),
            lot: LotNumber::parse(lot).unwrap(),
            number,
            given_at_ms: now.0,
            body_site: BodySite::LeftArm,
            route: Route::Intramuscular,
            site: self.site.clone(),
            session: None,
            lot_expiry: None,
            source: Source::Scanned,
            in_spite_of: Vec::new(),
        }
    }

    pub(crate) fn give(&mut self, now: Moment, to: CitizenId, number: u8, lot: &str) -> StatementId {
        let dose = self.dose(now, number, lot);
        self.say(now, to, Statement::DoseGiven(dose))
    }

    /// The range from here to the end of the log, under one seal.
    pub(crate) fn range(&self, from: Seq) -> Push {
        let head = self.head();
        let keys = SigningKeys { device: &self.key, author: &self.author_key };
        Push {
            device: self.device,
            epoch: self.epoch,
            from,
            previous: self.head_at(from - 1).chain,
            entries: self.log[usize::try_from(from).unwrap() - 1..].iter().cloned().map(Into::into).collect(),
            seals: vec![Seal::make(self.device, self.epoch, head.seq, head.chain, self.author, &keys)],
            nonce: [0; 16],
        }
    }

    pub(crate) async fn nonce(&self, nation: &Nation) -> Answered<Vec<u8>> {
        let body = minicbor::to_vec(&Greet { device: self.device, protocol: 1 }).unwrap();
        let request = Request::post("/device/greet").body(Body::from(body)).unwrap();
        read::<Greeted>(nation.send(request).await).map(|greeted| greeted.nonce)
    }

    pub(crate) fn authorization(&self, path: &str, nonce: &[u8], body: &[u8]) -> String {
        let sha256: [u8; 32] = Sha256::digest(body).into();
        let signature = sign(&self.key, request::DOMAIN, &request::signed_content(path, nonce, &sha256));
        let (device, nonce) = (self.device, to_hex(nonce));
        format!("SoTiem device=\"{device}\", nonce=\"{nonce}\", signature=\"{}\"", to_hex(&signature.0))
    }

    pub(crate) async fn ask_raw(&self, nation: &Nation, path: &str, body: Vec<u8>, folded: bool) -> Heard {
        let nonce = self.nonce(nation).await.unwrap();
        let mut request = Request::post(path)
            .header(header::AUTHORIZATION, self.authorization(path, &nonce, &body))
            .header(header::ACCEPT_ENCODING, "zstd");
        if folded {
            request = request.header(header::CONTENT_ENCODING, "zstd");
        }
        nation.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn ask<T: for<'b> minicbor::Decode<'b, ()>>(
        &self,
        nation: &Nation,
        path: &str,
        message: &impl minicbor::Encode<()>,
    ) -> Answered<T> {
        let body = zstd::bulk::compress(&minicbor::to_vec(message).unwrap(), 3).unwrap();
        read(self.ask_raw(nation, path, body, true).await)
    }

    pub(crate) async fn ask_word<T: CampaignWord>(
        &self,
        nation: &Nation,
        path: &str,
        message: &impl minicbor::Encode<()>,
    ) -> Answered<T> {
        let signed: shared_model::certificate::Signed = self.ask(nation, path, message).await?;
        Ok(signed.open(self.campaign).unwrap())
    }

    pub(crate) async fn hello(&self, nation: &Nation) -> Answered<HelloAnswer> {
        let hello = Hello {
            device: self.device,
            epoch: self.epoch,
            head: self.head(),
            cursors: Vec::new(),
            wall_ms: nation.now().0,
            nonce: [5; 16],
            app_version: "test".to_owned(),
            rules: Vec::new(),
            leans_on: None,
        };
        self.ask_word(nation, "/device/hello", &hello).await
    }

    pub(crate) async fn push(&self, nation: &Nation, from: Seq) -> Answered<Receipt> {
        self.ask_word(nation, "/device/push", &self.range(from)).await
    }

    /// Says hello, pushes what is not held, and reads its feed to the end.
    pub(crate) async fn sync(&mut self, nation: &Nation) {
        let hello = self.hello(nation).await.unwrap();
        if hello.held.seq < self.log.len() as Seq {
            let receipt = self.push(nation, hello.held.seq + 1).await.unwrap();
            assert_eq!((receipt.held, receipt.quarantined), (self.head(), Vec::new()));
        }
        nation.server.catch_up().await.unwrap();
        let sum = &hello.feeds[0];
        let mut cursor = self.cursor.take().unwrap_or_else(|| Cursor::start(sum.feed.clone(), sum.epoch));
        loop {
            let page: Page =
                self.ask(nation, "/device/pull", &Pull { cursor: cursor.clone(), entries_max: 500 }).await.unwrap();
            let CheckedPage { envelopes, cursor: after } = check_page(&cursor, &page, self.campaign).unwrap();
            self.feed.extend(envelopes.iter().map(|(id, _)| *id));
            cursor = after;
            if !page.more {
                break;
            }
        }
        self.cursor = Some(cursor);
    }
}

pub(crate) fn read<T: for<'b> minicbor::Decode<'b, ()>>(heard: Heard) -> Answered<T> {
    let folded = heard.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "zstd");
    let body = if folded { zstd::decode_all(&heard.body[..]).unwrap() } else { heard.body };
    if heard.status == StatusCode::OK {
        Ok(minicbor::decode(&body).unwrap())
    } else {
        Err((heard.status, minicbor::decode(&body).unwrap()))
    }
}
