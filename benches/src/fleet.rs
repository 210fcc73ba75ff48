//! A real server in this process and real laptops that reach it without a socket.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use field_client::desk::view::{
    DoseAnswer, DoseDraft, Enrol, Failure, GiveDose, Look, LookAnswer, Register, Registered,
};
use field_client::desk::{CameraFrom, CameraMaker, nobody_nearby};
use field_client::edge::Machine;
use field_client::sync::road::{Parcel, Reply, Road, RoadError};
use field_client::{Desk, DeskSettings};
use sync_server::Server;
use sync_server::settings::Settings;
use tokio::runtime::Runtime;
use tower::ServiceExt;

pub struct Nation {
    pub runtime: Arc<Runtime>,
    pub server: Server,
}

pub const AREA: &str = "26734";
pub const PIN: &str = "135790";

impl Nation {
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        Self::on(data, None)
    }

    /// With its record in PostgreSQL, where one is named.
    pub fn on(data: &Path, database: Option<String>) -> anyhow::Result<Self> {
        let runtime = Arc::new(Runtime::new()?);
        let settings = Settings { database, ..Settings::in_directory(data) };
        let server = runtime.block_on(sync_server::open(settings, Arc::new(sync_server::edge::Machine)))?;
        Ok(Self { runtime, server })
    }

    pub fn router(&self) -> Router {
        self.server.router()
    }

    /// A way to this nation without a socket.
    pub fn road(&self, scales: Scales) -> InProcess {
        InProcess { runtime: Arc::clone(&self.runtime), router: self.router(), scales }
    }
}

/// Pushes as they left.
pub type Pushes = Arc<Mutex<Vec<Parcel>>>;

/// What a road does with pushes beside carrying them.
#[derive(Clone)]
pub enum Scales {
    None,
    /// Notes each and carries it.
    Note(Pushes),
    /// Keeps each back: made and not sent.
    Hold(Pushes),
    /// Weighs what comes back, whatever was asked.
    Weigh(Arc<AtomicU64>),
}

pub struct InProcess {
    pub runtime: Arc<Runtime>,
    pub router: Router,
    pub scales: Scales,
}

impl Road for InProcess {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        if parcel.path == "/device/push"
            && let Scales::Note(pushes) | Scales::Hold(pushes) = &self.scales
        {
            pushes.lock().map_err(|_| RoadError::NoNetwork)?.push(parcel.clone());
            if matches!(self.scales, Scales::Hold(_)) {
                return Err(RoadError::NoNetwork);
            }
        }
        let reply = self.runtime.block_on(carry(self.router.clone(), parcel))?;
        if let Scales::Weigh(weight) = &self.scales {
            weight.fetch_add(reply.body.len() as u64, Ordering::Relaxed);
        }
        Ok(reply)
    }
}

/// One request through the whole of the server.
pub async fn carry(router: Router, parcel: &Parcel) -> Result<Reply, RoadError> {
    let mut request = match &parcel.body {
        Some(body) => Request::post(&parcel.path).body(Body::from(body.clone())),
        None => Request::get(&parcel.path).body(Body::empty()),
    }
    .map_err(|_| RoadError::BadAddress)?;
    for (name, value) in &parcel.headers {
        request.headers_mut().insert(*name, value.parse().map_err(|_| RoadError::BadAddress)?);
    }
    let response = router.oneshot(request).await.map_err(|_| RoadError::NoNetwork)?;
    let status = response.status().as_u16();
    let zstd = response.headers().get("content-encoding").is_some_and(|value| value == "zstd");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(|_| RoadError::NoNetwork)?;
    Ok(Reply { status, zstd, body: body.to_vec() })
}

/// A laptop of a team, enrolled.
pub struct Team {
    pub desk: Desk,
    people: u32,
}

pub fn failed(failure: &Failure) -> anyhow::Error {
    anyhow::anyhow!("{} {:?}", failure.code, failure.params)
}

impl Team {
    pub fn enrol(nation: &Nation, folder: &Path, code: &str, scales: Scales) -> anyhow::Result<Self> {
        nation.runtime.block_on(nation.server.add_code(code, "hem-42", AREA))?;
        let (runtime, router) = (nation.runtime.clone(), nation.router());
        let desk = Desk::open(DeskSettings {
            folder: folder.to_owned(),
            edge: Arc::new(Machine::new()),
            roads: Box::new(move |_| {
                let (runtime, router, scales) = (runtime.clone(), router.clone(), scales.clone());
                Ok(Box::new(InProcess { runtime, router, scales }))
            }),
            camera: CameraMaker { from: CameraFrom::Path(folder.to_owned()), worker: None },
            nearby: nobody_nearby(),
            site_hub: None,
            sync_by_itself: false,
        });
        let args = Enrol {
            server_url: "http://nation.test".to_owned(),
            code: code.to_owned(),
            device_name: code.to_owned(),
            user_name: "Đội tiêm".to_owned(),
            pin: PIN.to_owned(),
        };
        desk.enrol(args).map_err(|failure| failed(&failure))?;
        Ok(Self { desk, people: 0 })
    }

    /// A chip card nobody has scanned yet: a woman born 1990, with `seed` telling fleets apart.
    pub fn next_card(&mut self, seed: u32) -> String {
        self.people += 1;
        let number = (seed * 7_919 + self.people) % 1_000_000;
        let given = ["An", "Bình", "Chi", "Dung", "Hạnh", "Khai", "Lan", "Mai", "Nga", "Oanh", "Phượng", "Quyên"];
        let family = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ"];
        let (one, two) = ((number % 12) as usize, (number / 12 % 12) as usize);
        let middle = number % 97;
        format!(
            "079190{number:06}||{} Thị Số{middle} {}|01051990|Nữ|{middle} Hẻm {two}, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021",
            family[two], given[one]
        )
    }

    pub fn register(&self, card: &str) -> anyhow::Result<String> {
        let look = Look { text: card.to_owned(), from_camera: true };
        let form = match self.desk.look(look).map_err(|failure| failed(&failure))? {
            LookAnswer::Citizen { citizen } => return Ok(citizen),
            LookAnswer::NewCard { form, .. } | LookAnswer::People { form, .. } => form,
            other => bail!("the card was not understood: {other:?}"),
        };
        let args = Register { form, in_spite_of_lookalikes: true };
        match self.desk.register(args).map_err(|failure| failed(&failure))? {
            Registered::Citizen { citizen } => Ok(citizen),
            other => bail!("not registered: {other:?}"),
        }
    }

    pub fn give(&self, citizen: &str, number: u8) -> anyhow::Result<()> {
        let draft = DoseDraft {
            citizen: citizen.to_owned(),
            product: "astrazeneca".to_owned(),
            lot: "PV46664".to_owned(),
            lot_expiry: Some("2030-12-31".to_owned()),
            number,
            body_site: "left_arm".to_owned(),
            route: "im".to_owned(),
        };
        let stops = ["too_soon", "number_already_given", "already_complete", "dose_today", "not_in_series"];
        let in_spite_of = stops.map(ToOwned::to_owned).to_vec();
        match self.desk.give_dose(GiveDose { draft, in_spite_of }).map_err(|failure| failed(&failure))? {
            DoseAnswer::Saved { .. } => Ok(()),
            DoseAnswer::LookAgain { checked } => bail!("not saved: {checked:?}"),
        }
    }

    /// Registers somebody and gives the first dose.
    pub fn vaccinate(&mut self, seed: u32) -> anyhow::Result<()> {
        let card = self.next_card(seed);
        let citizen = self.register(&card).context("registering")?;
        self.give(&citizen, 1).context("giving")
    }

    pub fn sync(&self) -> anyhow::Result<field_client::desk::view::SyncView> {
        self.desk.sync_and_wait().map_err(|failure| failed(&failure))
    }
}
