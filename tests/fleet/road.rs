//! Roads carry bytes, or lose, delay, repeat, cut and change them.

use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::ids::DeviceId;
use shared_model::limits;
use shared_model::sync::Trouble;
use shared_model::sync::hub::HubHello;
use shared_model::sync::message::{Hello, Introduce, Page, Pull, Push, refusal};
use shared_model::time::Moment;

use crate::fleet::Fleet;
use crate::hubs::Server;
use crate::invariants::Checked;
use crate::laptop::Fate;
use crate::nation::Refused;
use crate::plant::Plant;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    Hello,
    Push,
    Pull,
    Introduce,
    HubHello,
    HubPush,
}

/// A question on its way. The sum stands for the signature over the request: of two roads to
/// "this is not what that device asked", it is the one that costs a tenth of the time.
#[derive(Clone)]
pub struct Parcel {
    device: DeviceId,
    to: Server,
    path: Path,
    body: Vec<u8>,
    sum: [u8; 32],
    asked_at: Moment,
}

fn cbor(message: &impl minicbor::Encode<()>) -> Vec<u8> {
    minicbor::to_vec(message).expect("CBOR")
}

/// A page carries the certificates of those met in it; checking them all every time would be most of what is done here.
const CERTIFIED_PAGES: u64 = 60;

impl Fleet<'_> {
    /// Asks, and gives back what comes back.
    pub fn ask(
        &mut self,
        device: DeviceId,
        to: Server,
        path: Path,
        question: &impl minicbor::Encode<()>,
    ) -> Checked<Result<Vec<u8>, Trouble>> {
        let body = cbor(question);
        let sum = Sha256::digest(&body).into();
        let mut parcel = Parcel { device, to, path, body, sum, asked_at: self.now };
        let road = self.plan.road.clone();
        if self.happens(road.late) {
            self.tally.fault("road", "late");
            self.late.push(parcel);
            return Ok(Err(Trouble::NoNetwork));
        }
        if self.happens(road.lost / 2) {
            self.tally.fault("road", "question lost");
            return Ok(Err(Trouble::NoNetwork));
        }
        if self.happens(road.twice) {
            self.tally.fault("road", "twice");
            self.late.push(parcel.clone());
        }
        if self.happens(road.harmed / 2) {
            self.tally.fault("road", "question harmed");
            self.harm(&mut parcel.body);
        }
        let answer = self.deliver(&parcel)?;
        if self.happens(road.lost / 2) {
            self.tally.fault("road", "answer lost");
            return Ok(Err(Trouble::NoNetwork));
        }
        if self.happens(road.stale)
            && let Some(before) = self.answered.get(&(device, path))
        {
            let before = before.clone();
            self.tally.fault("road", "old answer again");
            return Ok(Ok(before));
        }
        let Ok(mut answer) = answer else { return Ok(answer) };
        self.answered.insert((device, path), answer.clone());
        if self.happens(road.harmed / 2) {
            self.tally.fault("road", "answer harmed");
            self.harm(&mut answer);
        }
        Ok(Ok(answer))
    }

    /// Cuts bytes short, or flips a bit of them.
    fn harm(&self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        if self.dice.below(2) == 0 {
            bytes.truncate(at);
        } else if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << self.dice.below(8);
        }
    }

    /// What was on its way arrives after all, and nobody waits for the answer any more.
    pub fn deliver_late(&mut self) -> Checked {
        if self.late.is_empty() || self.dice.below(3) > 0 {
            return Ok(());
        }
        let parcel = self.late.swap_remove(self.below(self.late.len()));
        if self.now.ms_since(parcel.asked_at) <= limits::NONCE_LIFE_MS {
            self.deliver(&parcel)?.ok();
        }
        Ok(())
    }

    /// The server hears a question, in one of the states a server can be in.
    fn deliver(&mut self, parcel: &Parcel) -> Checked<Result<Vec<u8>, Trouble>> {
        let refused = |code: &str| Ok(Err(Trouble::Refused { code: code.to_owned(), held: None, retry_after_s: None }));
        if Sha256::digest(&parcel.body)[..] != parcel.sum {
            return refused(refusal::NOT_SIGNED);
        }
        let fate = self.fate(false);
        match fate {
            Fate::Kept => {}
            Fate::Full => return refused(refusal::STORE_FULL),
            Fate::TailLost if self.plant == Some(Plant::ReceiptBeforeDurable) => {
                let durable = self.store(parcel.to).clone();
                let answer = self.answer(parcel)?;
                *self.store_mut(parcel.to) = durable;
                self.receipt_is_true(parcel.to, parcel.push().as_ref(), &answer)?;
                return Ok(answer);
            }
            // The power goes before or after the disk has it; nobody is told either way.
            Fate::TailLost if self.dice.below(2) == 0 => return Ok(Err(Trouble::NoNetwork)),
            Fate::TailLost => {
                self.answer(parcel)?.ok();
                return Ok(Err(Trouble::NoNetwork));
            }
        }
        self.answer(parcel)
    }

    fn answer(&mut self, parcel: &Parcel) -> Checked<Result<Vec<u8>, Trouble>> {
        let malformed = Refused { code: refusal::MALFORMED, held: None };
        let (now, campaign) = (self.now, self.campaign);
        let certified = self.dice.below(1_000) < CERTIFIED_PAGES;
        let certificate = self.certificate_of(parcel.device);
        let store = self.store_mut(parcel.to);
        let answer = match parcel.path {
            Path::Hello => minicbor::decode::<Hello>(&parcel.body)
                .map_err(|_| malformed)
                .and_then(|hello| store.hello(&hello, campaign, now))
                .map(|signed: Signed| cbor(&signed)),
            Path::Push => parcel
                .push()
                .ok_or(malformed)
                .and_then(|push| store.push(&push, campaign, now))
                .map(|signed| cbor(&signed)),
            Path::Pull => minicbor::decode::<Pull>(&parcel.body)
                .map_err(|_| malformed)
                .and_then(|pull| store.pull(&pull, parcel.device, campaign, certified))
                .map(|page: Page| cbor(&page)),
            Path::Introduce => minicbor::decode::<Introduce>(&parcel.body)
                .map_err(|_| malformed)
                .and_then(|shown| store.introduce(&shown, campaign))
                .map(|introduced| cbor(&introduced)),
            Path::HubHello => minicbor::decode::<HubHello>(&parcel.body)
                .ok()
                .zip(certificate)
                .ok_or(malformed)
                .and_then(|(hello, certificate)| store.hear_hub(&hello, &certificate, campaign, now))
                .map(|signed: Signed| cbor(&signed)),
            Path::HubPush => parcel
                .push()
                .ok_or(malformed)
                .and_then(|push| store.push_from_hub(&push, parcel.device, campaign, now))
                .map(|signed| cbor(&signed)),
        };
        let answer = answer.map_err(|Refused { code, held }| Trouble::Refused {
            code: code.to_owned(),
            held,
            retry_after_s: None,
        });
        self.receipt_is_true(parcel.to, parcel.push().as_ref(), &answer)?;
        // Whoever shows certificates asks for nothing yet.
        if parcel.path != Path::Introduce {
            self.nobody_revoked_was_heard(parcel.to, parcel.device, &answer)?;
        }
        // The projector lags: now and then it has not come by before the next question.
        if self.dice.below(4) > 0 {
            self.store_mut(parcel.to).catch_up();
        }
        Ok(answer)
    }

    fn certificate_of(&self, hub: DeviceId) -> Option<Signed> {
        self.hubs.iter().find(|one| one.device == hub).map(|one| one.certificate.clone())
    }
}

impl Parcel {
    fn push(&self) -> Option<Push> {
        matches!(self.path, Path::Push | Path::HubPush).then(|| minicbor::decode(&self.body).ok()).flatten()
    }
}
