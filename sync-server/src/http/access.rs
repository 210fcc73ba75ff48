//! Who may. Each rule is a type; what it lets in is the proof that a handler takes as its argument,
//! so that no handler can be reached, or written, past its rule.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use shared_model::sync::message::refusal;
use tokio::sync::SemaphorePermit;

use super::fault::{Failed, Fault, No};
use super::wire::{self, Refused};
use crate::auth::device::{self, Caller};
use crate::auth::staff::{self, Session};
use crate::auth::throttle;
use crate::office::Office;
use crate::store::rows::Role;

/// The name of a rule, for the document and the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Anybody at all.
    Open,
    /// Anybody, from a page of our own.
    OwnPage,
    /// Anybody signed in at the console.
    Staff,
    /// Anybody signed in, from a page of our own.
    StaffOwnPage,
    /// An admin, from a page of our own.
    Admin,
    /// A device, enrolled or not.
    AnyDevice,
    /// A device of this campaign that nobody took back, by its signature.
    EnrolledDevice,
    /// A hub of this campaign that nobody took back, by its signature.
    EnrolledHub,
}

/// Lets a request in, or says no before its body means anything.
pub(crate) trait Access: Copy + Send + Sync + 'static {
    type Shown: Send;
    type No: No;
    const RULE: Rule;

    /// Takes a place among those that are worked on at one time, before anything is read.
    fn place(self, _office: &Office) -> Result<Option<SemaphorePermit<'_>>, Self::No> {
        Ok(None)
    }

    fn admit(
        self,
        office: &Office,
        request: Request,
    ) -> impl Future<Output = Result<(Self::Shown, Request), Self::No>> + Send;

    fn faults(self) -> Vec<Fault>;
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Open;

impl Access for Open {
    type Shown = ();
    type No = Failed;
    const RULE: Rule = Rule::Open;

    async fn admit(self, _: &Office, request: Request) -> Result<((), Request), Failed> {
        Ok(((), request))
    }

    fn faults(self) -> Vec<Fault> {
        Vec::new()
    }
}

/// Somebody at our own page whom nobody knows yet.
pub(crate) struct Visitor {
    pub from: String,
}

/// Where a request comes from, as far as the socket tells; guesses are counted by it.
fn caller_of(head: &Parts) -> String {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| throttle::place(peer.ip())).unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnPage;

impl Access for OwnPage {
    type Shown = Visitor;
    type No = Failed;
    const RULE: Rule = Rule::OwnPage;

    async fn admit(self, office: &Office, request: Request) -> Result<(Visitor, Request), Failed> {
        let (head, body) = request.into_parts();
        if !staff::is_own_origin(office, &head) {
            return Err(Failed::FOREIGN_ORIGIN);
        }
        Ok((Visitor { from: caller_of(&head) }, Request::from_parts(head, body)))
    }

    fn faults(self) -> Vec<Fault> {
        vec![Failed::FOREIGN_ORIGIN.fault()]
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Staff;

impl Access for Staff {
    type Shown = Session;
    type No = Failed;
    const RULE: Rule = Rule::Staff;

    async fn admit(self, office: &Office, request: Request) -> Result<(Session, Request), Failed> {
        let (head, body) = request.into_parts();
        let session = staff::signed_in(office, &head.headers).await?;
        Ok((session, Request::from_parts(head, body)))
    }

    fn faults(self) -> Vec<Fault> {
        vec![Failed::SIGNED_OUT.fault()]
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct StaffOwnPage;

impl Access for StaffOwnPage {
    type Shown = Session;
    type No = Failed;
    const RULE: Rule = Rule::StaffOwnPage;

    async fn admit(self, office: &Office, request: Request) -> Result<(Session, Request), Failed> {
        let (_, request) = OwnPage.admit(office, request).await?;
        Staff.admit(office, request).await
    }

    fn faults(self) -> Vec<Fault> {
        [OwnPage.faults(), Staff.faults()].concat()
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin;

impl Access for Admin {
    type Shown = Session;
    type No = Failed;
    const RULE: Rule = Rule::Admin;

    async fn admit(self, office: &Office, request: Request) -> Result<(Session, Request), Failed> {
        let (session, request) = StaffOwnPage.admit(office, request).await?;
        // What an admin does is said to the whole country, and only the nation says that.
        if office.keys.hub().is_some() {
            return Err(Failed::NOT_AT_A_HUB);
        }
        match session.staff.role {
            Role::Admin => Ok((session, request)),
            Role::Viewer => Err(Failed::NOT_ALLOWED),
        }
    }

    fn faults(self) -> Vec<Fault> {
        [StaffOwnPage.faults(), vec![Failed::NOT_ALLOWED.fault(), Failed::NOT_AT_A_HUB.fault()]].concat()
    }
}

/// A device before anybody knows it.
pub(crate) struct Passer {
    pub folds: bool,
    pub from: String,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyDevice;

impl Access for AnyDevice {
    type Shown = Passer;
    type No = Refused;
    const RULE: Rule = Rule::AnyDevice;

    async fn admit(self, _: &Office, request: Request) -> Result<(Passer, Request), Refused> {
        let (head, raw) = wire::take_body(request).await?;
        let passer = Passer { folds: wire::reads_folded(&head.headers), from: caller_of(&head) };
        let body = wire::unfold(&head.headers, &raw)?;
        Ok((passer, Request::from_parts(head, Body::from(body))))
    }

    fn faults(self) -> Vec<Fault> {
        vec![Refused::fault(refusal::MALFORMED), Refused::fault(refusal::TOO_LARGE)]
    }
}

/// Which queue a signed request waits in. Pulls are shed before pushes: what only a laptop holds is worth more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Short,
    Push,
    Pull,
    Fetch,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Enrolled(pub Line);

impl Access for Enrolled {
    type Shown = Caller;
    type No = Refused;
    const RULE: Rule = Rule::EnrolledDevice;

    fn place(self, office: &Office) -> Result<Option<SemaphorePermit<'_>>, Refused> {
        // Shed load comes back after this many seconds, spread out by the device itself.
        let (places, retry_after_s) = match self.0 {
            Line::Short => return Ok(None),
            Line::Push => (&office.pushes, 10),
            Line::Fetch => (&office.pulls, 30),
            Line::Pull => (&office.pulls, 60),
        };
        places.try_acquire().map(Some).map_err(|_| Refused::busy(retry_after_s))
    }

    async fn admit(self, office: &Office, request: Request) -> Result<(Caller, Request), Refused> {
        device::admit(office, request).await
    }

    fn faults(self) -> Vec<Fault> {
        let mut codes = vec![
            refusal::NOT_SIGNED,
            refusal::NONCE_OLD,
            refusal::UNKNOWN_DEVICE,
            refusal::DEVICE_REVOKED,
            refusal::MALFORMED,
            refusal::TOO_LARGE,
        ];
        if self.0 != Line::Short {
            codes.push(refusal::BUSY);
        }
        codes.into_iter().map(Refused::fault).collect()
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct EnrolledHub(pub Line);

impl Access for EnrolledHub {
    type Shown = Caller;
    type No = Refused;
    const RULE: Rule = Rule::EnrolledHub;

    fn place(self, office: &Office) -> Result<Option<SemaphorePermit<'_>>, Refused> {
        Enrolled(self.0).place(office)
    }

    async fn admit(self, office: &Office, request: Request) -> Result<(Caller, Request), Refused> {
        let (caller, request) = device::admit(office, request).await?;
        if caller.device.is_hub() { Ok((caller, request)) } else { Err(Refused::of(refusal::NOT_A_HUB)) }
    }

    fn faults(self) -> Vec<Fault> {
        let of_a_hub = [refusal::NOT_A_HUB, refusal::NOT_AT_A_HUB].map(Refused::fault);
        [Enrolled(self.0).faults(), of_a_hub.to_vec()].concat()
    }
}
