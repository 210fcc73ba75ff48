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

/// One laptop's way to the server.
#[derive(Default)]
pub struct Wire {
    pub cut: AtomicBool,
    carried: AtomicU32,
    /// The message to lose, counted from the first of a sync, and which half of it.
    lose: Mutex<Option<(u32, Loss)>>,
    /// The last request to each path, as it went out: what an eavesdropper could send again.
    pub overheard: Mutex<Vec<Parcel>>,
}

impl Wire {
    pub fn lose(&self, message: u32, loss: Loss) {
        self.carried.store(0, Ordering::Relaxed);
        *self.lose.lock().unwrap_or_else(PoisonError::into_inner) = Some((message, loss));
    }

    pub fn lose_nothing(&self) {
        *self.lose.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Messages since `lose` was last called.
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
        self.wire.overheard.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.clone());
        let router = self.router.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reply = self.runtime.block_on(send(router, parcel));
        match lost {
            Some((_, Loss::Answer)) => Err(RoadError::NoNetwork),
            _ => reply,
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
