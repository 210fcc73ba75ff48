//! A server of its own in a folder, with roads to it: for laptops that have to ask somebody after the power came back.

use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use field_client::desk::view::Enrol;
use field_client::desk::{CameraFrom, CameraMaker, RoadMaker, nobody_nearby};
use field_client::sync::road::{Parcel, Reply};
use field_client::{Desk, DeskSettings};
use shared_model::time::{Date, Moment};
use sync_server::Server;
use sync_server::settings::Settings;
use tokio::runtime::Runtime;
use world::edge::PretendEdge;
use world::road::{PretendRoad, Wire, send};
use world::{Clock, PIN};

pub struct Town {
    pub server: Server,
    pub runtime: Arc<Runtime>,
}

/// The clock of whoever comes after the story; a day of the campaign.
pub fn clock() -> Clock {
    Clock::on(Date::new(2021, 10, 2).expect("a day of the campaign"))
}

/// A clock that shows this.
pub fn clock_at(moment: Moment) -> Clock {
    let clock = clock();
    clock.advance_ms(moment.0 - clock.now().0);
    clock
}

pub fn edge() -> Arc<PretendEdge> {
    Arc::new(PretendEdge::new(clock(), 77))
}

impl Town {
    pub fn open(folder: &Path, runtime: &Arc<Runtime>, clock: Clock, seed: u64) -> anyhow::Result<Self> {
        let edge = Arc::new(PretendEdge::new(clock, seed));
        let server = runtime
            .block_on(sync_server::open(Settings::in_directory(folder), edge))
            .context("the server does not open")?;
        Ok(Self { server, runtime: runtime.clone() })
    }

    /// One request through the server's own router.
    pub fn answers(&self, parcel: &Parcel) -> anyhow::Result<Reply> {
        self.runtime.block_on(send(self.server.router(), parcel)).context("no answer")
    }

    pub fn road(&self) -> PretendRoad {
        let router = Arc::new(Mutex::new(self.server.router()));
        PretendRoad { runtime: self.runtime.clone(), router, wire: Arc::new(Wire::default()) }
    }

    pub fn roads(&self) -> RoadMaker {
        let (runtime, server) = (self.runtime.clone(), self.server.clone());
        Box::new(move |_| Ok(Box::new(Self { server: server.clone(), runtime: runtime.clone() }.road())))
    }
}

/// A laptop's desk over a folder.
pub fn desk(folder: &Path, edge: Arc<PretendEdge>, roads: RoadMaker) -> Desk {
    Desk::open(DeskSettings {
        folder: folder.to_owned(),
        edge,
        roads,
        camera: CameraMaker { from: CameraFrom::Path(folder.to_owned()), worker: None },
        nearby: nobody_nearby(),
        site_hub: None,
        sync_by_itself: false,
    })
}

/// What somebody types in at a first start.
pub fn form(code: &str) -> Enrol {
    Enrol {
        server_url: "http://nation.test".to_owned(),
        code: code.to_owned(),
        device_name: "hem 42".to_owned(),
        user_name: "Đội hẻm 42".to_owned(),
        pin: PIN.to_owned(),
    }
}
