//! An endpoint: method, path, who may, what it is asked and what it tells, said once.
//!
//! There is no way to make one without a rule, and its handler takes what the rule shows.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};

use super::access::{Access, Rule};
use super::asked::Asked;
use super::fault::{Fault, Media, No};
use super::openapi::draft::Draft;
use super::told::Told;
use crate::office::Office;

/// A bad line takes long; nothing takes this long.
const REQUEST_MAX: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Post,
}

pub(crate) struct Endpoint {
    pub method: Method,
    pub path: &'static str,
    pub rule: Rule,
    pub summary: &'static str,
    pub faults: Vec<Fault>,
    pub media: Media,
    /// Writes what it is asked and what it tells into the document.
    pub describe: fn(&mut Draft<'_>),
    pub route: MethodRouter<Arc<Office>>,
}

pub(crate) fn get<A, Q, T, H, F>(path: &'static str, access: A, handler: H) -> Endpoint
where
    A: Access,
    Q: Asked<A::No> + 'static,
    T: Told + 'static,
    H: Fn(Arc<Office>, A::Shown, Q) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, A::No>> + Send,
{
    endpoint(Method::Get, path, access, handler)
}

pub(crate) fn post<A, Q, T, H, F>(path: &'static str, access: A, handler: H) -> Endpoint
where
    A: Access,
    Q: Asked<A::No> + 'static,
    T: Told + 'static,
    H: Fn(Arc<Office>, A::Shown, Q) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, A::No>> + Send,
{
    endpoint(Method::Post, path, access, handler)
}

fn endpoint<A, Q, T, H, F>(method: Method, path: &'static str, access: A, handler: H) -> Endpoint
where
    A: Access,
    Q: Asked<A::No> + 'static,
    T: Told + 'static,
    H: Fn(Arc<Office>, A::Shown, Q) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, A::No>> + Send,
{
    let answer = move |State(office): State<Arc<Office>>, request: Request| {
        let handler = handler.clone();
        async move {
            let work = Box::pin(answer(&office, access, handler, request));
            let answered = tokio::time::timeout(REQUEST_MAX, work).await.unwrap_or_else(|_| Err(A::No::too_slow()));
            let mut response = answered.map_or_else(IntoResponse::into_response, Told::response);
            // Nothing that is told here may lie in a browser's or a proxy's store.
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().entry(header::CACHE_CONTROL).or_insert(no_store);
            response
        }
    };
    let route: MethodRouter<Arc<Office>> = match method {
        Method::Get => routing::get(answer),
        Method::Post => routing::post(answer),
    };
    let mut faults = [access.faults(), Q::faults(), A::No::of_the_store()].concat();
    faults.sort_unstable();
    faults.dedup();
    let describe = |draft: &mut Draft<'_>| {
        Q::describe(draft);
        T::describe(draft);
    };
    Endpoint { method, path, rule: A::RULE, summary: "", faults, media: A::No::MEDIA, describe, route }
}

async fn answer<A, Q, T, H, F>(office: &Arc<Office>, access: A, handler: H, request: Request) -> Result<T, A::No>
where
    A: Access,
    Q: Asked<A::No>,
    H: Fn(Arc<Office>, A::Shown, Q) -> F,
    F: Future<Output = Result<T, A::No>>,
{
    let _place = access.place(office)?;
    let (shown, request) = access.admit(office, request).await?;
    let asked = Q::read(request).await?;
    handler(Arc::clone(office), shown, asked).await
}

impl Endpoint {
    pub fn says(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// What the handler itself may refuse with, beside what rule and question do.
    pub fn fails(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults);
        self.faults.sort_unstable();
        self.faults.dedup();
        self
    }
}

/// What nobody answers: told in the words of its part of the house.
pub(crate) fn nothing_here<N: No>(no: fn() -> N) -> MethodRouter<Arc<Office>> {
    routing::any(async move || -> Response { no().into_response() })
}
