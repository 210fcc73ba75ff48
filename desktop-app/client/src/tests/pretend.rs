//! What a laptop on the bench meets: a clock moved by hand, dice that fall alike every time, an office that lets it in.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::{Authority, PublicKey};
use shared_model::ids::DeviceId;
use shared_model::rules::covid_2021;
use shared_model::sync::message::{Enrol, Enrolled};
use shared_model::sync::recipients::{StickRecipient, StickRecipients};
use shared_model::time::{Date, MS_PER_HOUR, Moment};
use stick::Identity;

use crate::edge::{Edge, NoDice};
use crate::sync::road::{Parcel, Reply, Road, RoadError};

pub struct BenchEdge {
    now_ms: AtomicI64,
    drawn: AtomicU64,
}

impl BenchEdge {
    pub fn new(seed: u32) -> Self {
        let morning = Date::new(2021, 9, 30).unwrap().starts_at().plus_ms(8 * MS_PER_HOUR);
        Self { now_ms: AtomicI64::new(morning.0), drawn: AtomicU64::new(u64::from(seed) << 32) }
    }

    /// Moves the clock; a negative number sets it back.
    pub fn pass_s(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Edge for BenchEdge {
    fn now(&self) -> Moment {
        Moment(self.now_ms.load(Ordering::Relaxed))
    }

    fn monotonic_ms(&self) -> u64 {
        0
    }

    fn dice(&self, bytes: &mut [u8]) -> Result<(), NoDice> {
        for chunk in bytes.chunks_mut(32) {
            let roll = Sha256::digest(self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&roll[..chunk.len()]);
        }
        Ok(())
    }
}

/// What opens sticks of this bench: a key of the tests of age.
pub const STICK_KEY: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";

fn readers() -> StickRecipients {
    let recipient = Identity::parse(STICK_KEY).unwrap().recipient();
    let (node, name) = (DeviceId([9; 16]), "Trung ương".to_owned());
    StickRecipients { recipients: vec![StickRecipient { node, name, recipient, not_after_ms: i64::MAX }], issued_ms: 0 }
}

pub fn campaign() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Lets every laptop in, and answers nothing else.
pub struct Office;

impl Road for Office {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        let Some(body) = parcel.body.as_deref().filter(|_| parcel.path == "/device/enrol") else {
            return Err(RoadError::NoNetwork);
        };
        let question: Enrol = minicbor::decode(&zstd::decode_all(body).unwrap()).unwrap();
        let campaign = campaign();
        let device = DeviceCertificate {
            device: question.device,
            key: question.device_key,
            name: question.device_name,
            site: "hem-42".to_owned(),
            area: "26734".to_owned(),
            not_before_ms: 0,
            not_after_ms: i64::MAX,
        };
        let author = AuthorCertificate {
            author: question.author,
            device: question.device,
            key: question.author_key,
            name: question.author_name,
            authority: Authority::Team,
            not_before_ms: 0,
            not_after_ms: i64::MAX,
        };
        let enrolled = Enrolled {
            campaign_name: "COVID-19 2021".to_owned(),
            campaign_key: PublicKey::of(&campaign),
            citizen_key: [8; 32],
            device: Signed::make(&device, &campaign),
            author: Signed::make(&author, &campaign),
            epoch: 1,
            rules: vec![Signed::make(&covid_2021().unwrap(), &campaign)],
            now_ms: 0,
            stick_recipients: Some(Signed::make(&readers(), &campaign)),
        };
        Ok(Reply { status: 200, zstd: false, body: minicbor::to_vec(&enrolled).unwrap() })
    }
}
