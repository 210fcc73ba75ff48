//! What an endpoint is asked with: parts of its path, a form, a query, a message of a device.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Path, Query, Request};
use axum::http::Extensions;
use serde::de::DeserializeOwned;
use shared_model::limits;
use shared_model::sync::message::refusal;
use ts_rs::TS;

use super::fault::{Failed, Fault};
use super::form::{Bound, Form};
use super::openapi::draft::Draft;
use super::wire::{self, Refused};

/// No form of the console is larger.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Read after the request was let in, and told in the interface document.
pub(crate) trait Asked<N>: Sized + Send {
    fn read(request: Request) -> impl Future<Output = Result<Self, N>> + Send;
    fn describe(draft: &mut Draft<'_>);
    fn faults() -> Vec<Fault>;
}

pub(crate) struct Nothing;

impl Asked<Failed> for Nothing {
    async fn read(_: Request) -> Result<Self, Failed> {
        Ok(Self)
    }

    fn describe(_: &mut Draft<'_>) {}

    fn faults() -> Vec<Fault> {
        Vec::new()
    }
}

/// Ids that stand in paths: 32 digits for cards and devices, 64 for cases. Never a number of a card.
pub(crate) trait PathId: Sized + Send {
    const DIGITS: usize;
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! path_ids {
    ($($name:ident),*) => {$(
        impl PathId for shared_model::ids::$name {
            const DIGITS: usize = Self::BYTES * 2;
            fn parse(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        }
    )*};
}
path_ids!(CaseId, CitizenId, DeviceId);

/// The object that the path names. What is no id is told like an id that nobody has.
pub(crate) struct Named<I>(pub I);

impl<I: PathId> Asked<Failed> for Named<I> {
    async fn read(request: Request) -> Result<Self, Failed> {
        let (mut head, _) = request.into_parts();
        let Path(text) = Path::<String>::from_request_parts(&mut head, &()).await.map_err(|_| Failed::NOT_FOUND)?;
        I::parse(&text).map(Self).ok_or(Failed::NOT_FOUND)
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.path_id("id", I::DIGITS);
    }

    fn faults() -> Vec<Fault> {
        vec![Failed::NOT_FOUND.fault()]
    }
}

/// A form as JSON.
pub(crate) struct Sent<T>(pub T);

impl<T: Form + DeserializeOwned + TS + Send + 'static> Asked<Failed> for Sent<T> {
    async fn read(request: Request) -> Result<Self, Failed> {
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| Failed::MALFORMED)?;
        let form: T = serde_json::from_slice(&bytes).map_err(|_| Failed::MALFORMED)?;
        form.keeps_its_bounds()?;
        Ok(Self(form))
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.form::<T>();
    }

    fn faults() -> Vec<Fault> {
        let mut faults = vec![Failed::MALFORMED.fault()];
        if T::FIELDS.iter().any(|(_, bound, _)| *bound == Bound::Note) {
            faults.push(Failed::TOO_LONG.fault());
        }
        faults
    }
}

/// A form about the object that the path names.
pub(crate) struct SentTo<I, T>(pub I, pub T);

impl<I: PathId, T> Asked<Failed> for SentTo<I, T>
where
    T: Form + DeserializeOwned + TS + Send + 'static,
{
    async fn read(request: Request) -> Result<Self, Failed> {
        let (mut head, body) = request.into_parts();
        let Path(text) = Path::<String>::from_request_parts(&mut head, &()).await.map_err(|_| Failed::NOT_FOUND)?;
        let id = I::parse(&text).ok_or(Failed::NOT_FOUND)?;
        let Sent(form) = Sent::read(Request::new(body)).await?;
        Ok(Self(id, form))
    }

    fn describe(draft: &mut Draft<'_>) {
        <Named<I> as Asked<Failed>>::describe(draft);
        <Sent<T> as Asked<Failed>>::describe(draft);
    }

    fn faults() -> Vec<Fault> {
        [<Named<I> as Asked<Failed>>::faults(), <Sent<T> as Asked<Failed>>::faults()].concat()
    }
}

/// What may stand behind the question mark: choices and places in a list, never anything about a person.
pub(crate) trait Questions: DeserializeOwned + Send {
    fn describe(draft: &mut Draft<'_>);
}

pub(crate) struct Queried<Q>(pub Q);

impl<Q: Questions> Asked<Failed> for Queried<Q> {
    async fn read(request: Request) -> Result<Self, Failed> {
        let (mut head, _) = request.into_parts();
        let Query(asked) = Query::<Q>::from_request_parts(&mut head, &()).await.map_err(|_| Failed::MALFORMED)?;
        Ok(Self(asked))
    }

    fn describe(draft: &mut Draft<'_>) {
        Q::describe(draft);
    }

    fn faults() -> Vec<Fault> {
        vec![Failed::MALFORMED.fault()]
    }
}

/// One message of a device.
pub(crate) struct Message<T>(pub T);

impl<T: for<'b> minicbor::Decode<'b, ()> + Send> Asked<Refused> for Message<T> {
    async fn read(request: Request) -> Result<Self, Refused> {
        let bytes = to_bytes(request.into_body(), limits::UNFOLDED_BYTES_MAX).await;
        wire::read(&bytes.map_err(|_| Refused::of(refusal::TOO_LARGE))?).map(Self)
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.message::<T>();
    }

    fn faults() -> Vec<Fault> {
        vec![Refused::fault(refusal::MALFORMED)]
    }
}

/// A file by its hash, whole or in ranges; with the headers that say which.
pub(crate) struct Piece {
    pub sha256: [u8; 32],
    pub request: axum::http::Request<Body>,
}

impl Asked<Refused> for Piece {
    async fn read(request: Request) -> Result<Self, Refused> {
        let (mut head, _) = request.into_parts();
        let not_found = || Refused::of(refusal::NOT_FOUND);
        let Path(name) = Path::<String>::from_request_parts(&mut head, &()).await.map_err(|_| not_found())?;
        let sha256 = shared_model::ids::from_hex::<32>(&name).map_err(|_| not_found())?;
        head.extensions = Extensions::new();
        Ok(Self { sha256, request: Request::from_parts(head, Body::empty()) })
    }

    fn describe(draft: &mut Draft<'_>) {
        draft.path_id("sha256", 64);
        draft.header("range", "Which bytes, as HTTP says it.");
    }

    fn faults() -> Vec<Fault> {
        vec![Refused::fault(refusal::NOT_FOUND)]
    }
}
