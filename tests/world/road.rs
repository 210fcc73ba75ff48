//! A pretend network: requests go through the server's real router, or are lost before or after they took effect.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use field_client::sync::road::{Parcel, Reply, Road, RoadError};
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// Where a message is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The server never hears of it.
    Question,
    /// The server does it, and the laptop never hears back.
    Answer,
}

/// What a road does to bytes that it does carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Only a part of them arrives.
    CutShort,
    /// One bit arrives as its opposite.
    Flipped,
}

impl Harm {
    /// Where it strikes is drawn by the caller.
    fn strike(self, bytes: &mut Vec<u8>, draw: u64) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(1);
        let at = usize::try_from(draw % length).unwrap_or(0);
        match self {
            Self::CutShort => bytes.truncate(at),
            Self::Flipped => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (draw / length % 8);
                }
            }
        }
    }
}

/// One laptop's way to the server.
#[derive(Default)]
pub struct Wire {
    pub cut: AtomicBool,
    carried: AtomicU32,
    /// The one message whose bytes are harmed, which half of it, how, and where.
    harm: Mutex<Option<(u32, Loss, Harm, u64)>>,
    /// The message to lose, counted from the first of a sync, and which half of it.
    lose: Mutex<Option<(u32, Loss)>>,
    /// Somebody who is not the server answers this one message.
    impostor: Mutex<Option<(u32, Reply)>>,
    /// Every request as it went out: what an eavesdropper could send again.
    pub overheard: Mutex<Vec<Parcel>>,
    /// Every answer as the server gave it, with the path that was asked.
    pub answers: Mutex<Vec<(String, Reply)>>,
}

impl Wire {
    pub fn lose(&self, message: u32, loss: Loss) {
        self.carried.store(0, Ordering::Relaxed);
        *self.lose.lock().unwrap_or_else(PoisonError::into_inner) = Some((message, loss));
    }

    /// The bytes of one half of one message arrive otherwise than they were sent.
    pub fn harm(&self, message: u32, half: Loss, harm: Harm, draw: u64) {
        self.carried.store(0, Ordering::Relaxed);
        *self.harm.lock().unwrap_or_else(PoisonError::into_inner) = Some((message, half, harm, draw));
    }

    /// One message is not answered by the server but with this, and the server never hears of it.
    pub fn is_answered_with(&self, message: u32, reply: Reply) {
        self.carried.store(0, Ordering::Relaxed);
        *self.impostor.lock().unwrap_or_else(PoisonError::into_inner) = Some((message, reply));
    }

    /// The first answer to this path.
    pub fn answer_to(&self, path: &str) -> Option<Reply> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().find(|(asked, _)| asked == path).map(|(_, reply)| reply.clone())
    }

    pub fn lose_nothing(&self) {
        *self.impostor.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.lose.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.harm.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Messages since a mishap was last ordered.
    pub fn carried(&self) -> u32 {
        self.carried.load(Ordering::Relaxed)
    }
}

/// The road a laptop takes.
pub struct PretendRoad {
    pub runtime: Arc<Runtime>,
    /// The server may be put in another's place while laptops go on.
    pub router: Arc<Mutex<Router>>,
    pub wire: Arc<Wire>,
}

impl Road for PretendRoad {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        let number = self.wire.carried.fetch_add(1, Ordering::Relaxed) + 1;
        let lost = self.wire.lose.lock().unwrap_or_else(PoisonError::into_inner).filter(|(at, _)| number >= *at);
        if self.wire.cut.load(Ordering::Relaxed) || matches!(lost, Some((_, Loss::Question))) {
            return Err(RoadError::NoNetwork);
        }
        let impostor = self.wire.impostor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, reply)) = impostor.filter(|(at, _)| number == *at) {
            return Ok(reply);
        }
        self.wire.overheard.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.clone());
        let harm = self.wire.harm.lock().unwrap_or_else(PoisonError::into_inner).filter(|(at, ..)| number == *at);
        let mut parcel = parcel.clone();
        if let (Some((_, Loss::Question, harm, draw)), Some(body)) = (harm, &mut parcel.body) {
            harm.strike(body, draw);
        }
        let router = self.router.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut reply = self.runtime.block_on(send(router, &parcel))?;
        self.wire.answers.lock().unwrap_or_else(PoisonError::into_inner).push((parcel.path, reply.clone()));
        if let Some((_, Loss::Answer, harm, draw)) = harm {
            harm.strike(&mut reply.body, draw);
        }
        match lost {
            Some((_, Loss::Answer)) => Err(RoadError::NoNetwork),
            _ => Ok(reply),
        }
    }
}

/// One request through the real router, without a port.
pub async fn send(router: Router, parcel: &Parcel) -> Result<Reply, RoadError> {
    let request = match &parcel.body {
        Some(body) => Request::post(&parcel.path).body(Body::from(body.clone())),
        None => Request::get(&parcel.path).body(Body::empty()),
    };
    let mut request = request.map_err(|_| RoadError::BadAddress)?;
    for (name, value) in &parcel.headers {
        request.headers_mut().insert(*name, value.parse().map_err(|_| RoadError::BadAddress)?);
    }
    let response = router.oneshot(request).await.map_err(|_| RoadError::NoNetwork)?;
    let status = response.status().as_u16();
    let zstd = response.headers().get("content-encoding").is_some_and(|value| value == "zstd");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(|_| RoadError::NoNetwork)?;
    Ok(Reply { status, zstd, body: body.to_vec() })
}
