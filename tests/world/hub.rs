//! A district's hub: a real server with a data directory of its own, between the laptops that know it and the nation.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::Router;
use shared_model::sync::Outcome;
use sync_server::Server;
use sync_server::hub::join::{JoinError, Joining, join_over};
use sync_server::hub::status::Status;

use crate::road::{PretendRoad, Wire};
use crate::{AREA, World, copy_folder, edge, open};

pub struct Hub {
    /// Where laptops find it.
    pub url: String,
    pub data: PathBuf,
    /// Its way to the nation.
    pub wire: Arc<Wire>,
    server: Mutex<Server>,
    router: Arc<Mutex<Router>>,
    edge: Arc<edge::PretendEdge>,
}

impl World {
    /// A hub that joined the campaign for the ward of the stories.
    pub fn hub(&self, name: &str) -> Hub {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let edge = Arc::new(edge::PretendEdge::new(self.clock.clone(), self.seed * 1_000 + u64::from(number)));
        let data = self.folder().join(format!("hub-{number}"));
        let wire = Arc::new(Wire::default());
        self.joins(&data, &wire, &self.hub_code(name), name, &edge).expect("a hub");
        let server = open(&self.country.runtime, &data, &edge);
        let router = Arc::new(Mutex::new(server.router()));
        let url = format!("http://hub-{number}.test");
        self.country.hubs.lock().expect("the hubs").insert(url.clone(), Arc::clone(&router));
        Hub { url, data, wire, server: Mutex::new(server), router, edge }
    }

    /// A code of the nation's that lets a hub in.
    pub fn hub_code(&self, name: &str) -> String {
        let areas = vec![AREA.to_owned()];
        self.country.runtime.block_on(self.server().hub_code(name, areas)).expect("a code").0
    }

    /// A code of the nation's that lets a laptop in.
    pub fn laptop_code(&self, code: &str) {
        self.country.runtime.block_on(self.server().add_code(code, "hem-1", AREA)).expect("a code");
    }

    /// A hub of another campaign stands in this one's streets.
    pub fn adopts(&self, hub: &Hub) {
        self.country.hubs.lock().expect("the hubs").insert(hub.url.clone(), Arc::clone(&hub.router));
    }

    /// A data directory asks to become a hub's.
    pub fn joins(
        &self,
        data: &std::path::Path,
        wire: &Arc<Wire>,
        code: &str,
        name: &str,
        edge: &Arc<edge::PretendEdge>,
    ) -> Result<(), JoinError> {
        let joining = Joining { data, seal: None, campaign: None, upstream: "http://nation.test", code, name };
        join_over(&mut self.road(wire), joining, edge.as_ref()).map(drop)
    }

    /// A data directory tries to become a hub's, with a code that somebody else made.
    pub fn tries_to_join(&self, data: &std::path::Path, code: &str) -> Result<(), JoinError> {
        let edge = Arc::new(edge::PretendEdge::new(self.clock.clone(), 77));
        self.joins(data, &Arc::default(), code, "stranger", &edge)
    }

    fn road(&self, wire: &Arc<Wire>) -> PretendRoad {
        let (runtime, router) = (self.country.runtime.clone(), self.country.router.clone());
        PretendRoad { runtime, router, wire: Arc::clone(wire) }
    }

    /// The hub draws what it was given, then talks to the nation.
    pub fn forwards(&self, hub: &Hub) -> Outcome {
        self.draws(hub);
        let server = hub.server();
        // The road asks the nation on the runtime; the hub's side waits on a thread of its own.
        let outcome = self.country.runtime.block_on(server.sync_upstream(Box::new(self.road(&hub.wire))));
        self.draws(hub);
        self.country.runtime.block_on(self.server().catch_up()).expect("the record");
        outcome
    }

    /// How the hub stands with the nation, as `sync-server hub status` tells it.
    pub fn status_of(&self, hub: &Hub) -> Status {
        self.country.runtime.block_on(hub.server().hub_status()).expect("a status").expect("a hub")
    }

    pub fn draws(&self, hub: &Hub) {
        self.country.runtime.block_on(hub.server().catch_up()).expect("the hub's record");
    }

    /// A copy of the hub's data as it is now.
    pub fn back_up_hub(&self, hub: &Hub, name: &str) -> PathBuf {
        let copy = self.folder().join(name);
        copy_folder(&hub.data, &copy);
        trial::back_up(&hub.data, &copy);
        copy
    }

    /// The hub starts again from a folder: its own after the power came back, or an old copy.
    pub fn restarts(&self, hub: &Hub, data: &std::path::Path) {
        let server = open(&self.country.runtime, data, &hub.edge);
        *hub.router.lock().expect("a router") = server.router();
        *hub.server.lock().expect("a server") = server;
    }

    /// A second machine started from a copy of the hub's disk.
    pub fn twin_of(&self, hub: &Hub, copy: PathBuf) -> Hub {
        let server = open(&self.country.runtime, &copy, &hub.edge);
        let router = Arc::new(Mutex::new(server.router()));
        let url = format!("{}.twin", hub.url);
        self.country.hubs.lock().expect("the hubs").insert(url.clone(), Arc::clone(&router));
        Hub { url, data: copy, wire: Arc::default(), server: Mutex::new(server), router, edge: Arc::clone(&hub.edge) }
    }
}

impl Hub {
    pub fn server(&self) -> Server {
        self.server.lock().expect("a server").clone()
    }

    pub fn cut(&self, cut: bool) {
        self.wire.cut.store(cut, Ordering::Relaxed);
    }

    /// A request of anybody's, answered by the hub.
    pub fn asked(&self, world: &World, parcel: &field_client::sync::road::Parcel) -> field_client::sync::road::Reply {
        let router = self.router.lock().expect("a router").clone();
        world.country.runtime.block_on(crate::road::send(router, parcel)).expect("an answer")
    }
}
