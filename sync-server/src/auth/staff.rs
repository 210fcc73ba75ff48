//! A person at the console: a name, a password, a session that ends.

use argon2::{Algorithm, Argon2, Params, Version};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header, uri};
use sha2::{Digest, Sha256};
use shared_model::certificate::{AuthorCertificate, Signed};
use shared_model::envelope::{Authority, PublicKey};
use shared_model::ids::{AuthorId, from_hex, to_hex};
use shared_model::limits;
use shared_model::text::{self, NotAText};
use shared_model::time::{MS_PER_DAY, MS_PER_MINUTE, Moment};
use zeroize::Zeroizing;

use crate::edge::{self, NoDice};
use crate::http::device::CERTIFICATE_LIFE_MS;
use crate::keys::KeysError;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{AuthorRow, Role, SessionRow, StaffRow};

/// OWASP's second recommendation: 19 MiB, two passes, one lane.
const ARGON2: (u32, u32, u32) = (19_456, 2, 1);
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longer ones only cost us time.
const PASSWORD_BYTES_MAX: usize = 1024;
/// A session's last use is written down this often.
const TOUCH_MS: i64 = MS_PER_MINUTE;

#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    #[error("not a name")]
    Name(#[from] NotAText),
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters")]
    PasswordTooShort,
    #[error("the name or the password is wrong")]
    Wrong,
    #[error("too many mistakes; again in {0} s")]
    Wait(u32),
    #[error("nobody is signed in")]
    SignedOut,
    #[error("accounts of a hub may look, and change nothing: take the role `viewer`")]
    NotAtAHub,
    #[error("too many are signing in")]
    Busy,
    #[error(transparent)]
    NoDice(#[from] NoDice),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Someone signed in.
pub struct Session {
    pub staff: StaffRow,
    pub token_hash: [u8; 32],
}

/// Adds an account, or gives a known one a new password and role. Its author key is made with it.
pub async fn add(office: &Office, name: &str, role: Role, password: &str) -> Result<(), StaffError> {
    let name = text::tidy(name, limits::NAME_CHARS_MAX)?;
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(StaffError::PasswordTooShort);
    }
    if role == Role::Admin && office.keys.hub().is_some() {
        return Err(StaffError::NotAtAHub);
    }
    let now = office.now();
    let author = match office.store.staff(name.clone()).await? {
        Some(known) => known.author,
        None => AuthorId(edge::draw(office.edge.as_ref())?),
    };
    let key = office.keys.author(author, office.edge.as_ref())?;
    let certificate = AuthorCertificate {
        author,
        device: office.keys.console_device(),
        key: PublicKey::of(&key),
        name: name.clone(),
        authority: match role {
            Role::Admin => Authority::National,
            Role::Viewer => Authority::Team,
        },
        not_before_ms: now.plus_ms(-MS_PER_DAY).0,
        not_after_ms: now.plus_ms(CERTIFICATE_LIFE_MS).0,
    };
    let signed = Signed::make(&certificate, office.keys.voice());
    let salt = edge::draw(office.edge.as_ref())?;
    let hash = hash(office, password, salt).await?;
    let row = StaffRow { name, role, author, salt, hash, added_at: now };
    office.store.add_staff(row, AuthorRow::of(&certificate, signed)).await?;
    Ok(())
}

/// Begins a session and gives its token. Unknown names take as long as wrong passwords.
/// Mistakes are counted by name and by where they come from, so that nobody can shut an admin out by guessing.
pub async fn sign_in(
    office: &Office,
    from: &str,
    name: &str,
    password: &str,
) -> Result<(StaffRow, Zeroizing<String>), StaffError> {
    let now = office.now();
    if name.len() > limits::NAME_CHARS_MAX * 4 || password.len() > PASSWORD_BYTES_MAX {
        return Err(StaffError::Wrong);
    }
    let guesser = format!("{from} {name}");
    if let Some(seconds) = office.throttle.wait_s(&guesser, now) {
        return Err(StaffError::Wait(seconds));
    }
    let found = office.store.staff(name.to_owned()).await?;
    let salt = found.as_ref().map_or([0; 16], |staff| staff.salt);
    let hash = hash(office, password, salt).await?;
    let Some(staff) = found.filter(|staff| staff.hash == hash) else {
        office.throttle.mistake(&guesser, now);
        return Err(StaffError::Wrong);
    };
    office.throttle.right(&guesser);
    let token: [u8; 32] = edge::draw(office.edge.as_ref())?;
    let session =
        SessionRow { token_hash: token_hash(&token), staff_name: staff.name.clone(), begun_at: now, last_seen_at: now };
    office.store.begin_session(session).await?;
    Ok((staff, Zeroizing::new(to_hex(&token))))
}

/// Who sent this request, if the session still holds.
pub async fn signed_in(office: &Office, headers: &HeaderMap) -> Result<Session, StaffError> {
    let token = cookie(office, headers).and_then(|token| from_hex::<32>(&token).ok()).ok_or(StaffError::SignedOut)?;
    let token_hash = token_hash(&token);
    let (session, staff) = office.store.session(token_hash).await?.ok_or(StaffError::SignedOut)?;
    let now = office.now();
    let idle = now.ms_since(session.last_seen_at);
    if idle > limits::STAFF_IDLE_MS || now.ms_since(session.begun_at) > limits::STAFF_SESSION_MS {
        office.store.end_session(token_hash).await?;
        return Err(StaffError::SignedOut);
    }
    if idle > TOUCH_MS {
        office.store.touch_session(token_hash, now).await?;
    }
    Ok(Session { staff, token_hash })
}

fn token_hash(token: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(token).into()
}

async fn hash(office: &Office, password: &str, salt: [u8; 16]) -> Result<[u8; 32], StaffError> {
    let permit = office.passwords.clone().acquire_owned().await.map_err(|_| StaffError::Busy)?;
    let password = Zeroizing::new(password.to_owned());
    office.metrics.passwords_hashed.inc();
    let hashed = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let (memory_kib, passes, lanes) = ARGON2;
        let params = Params::new(memory_kib, passes, lanes, Some(32)).ok()?;
        let mut hash = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.as_bytes(), &salt, &mut hash).ok().map(|()| hash)
    });
    hashed.await.ok().flatten().ok_or(StaffError::Busy)
}

fn cookie_name(office: &Office) -> &'static str {
    if office.over_tls { "__Host-so-tiem" } else { "so-tiem" }
}

fn cookie(office: &Office, headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == cookie_name(office)).then(|| value.to_owned())
        })
}

/// The cookie that carries a token; an empty token takes it away.
pub fn set_cookie(office: &Office, token: &str) -> Option<HeaderValue> {
    let seconds = if token.is_empty() { 0 } else { limits::STAFF_SESSION_MS / 1_000 };
    let secure = if office.over_tls { "; Secure" } else { "" };
    let name = cookie_name(office);
    let text = format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).ok()
}

/// Whether a request that changes something came from our own pages. All that the browser says must agree.
pub fn is_own_origin(office: &Office, parts: &Parts) -> bool {
    let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // HTTP/2 names the host in the address, HTTP/1 in a header.
    let host = parts.uri.authority().map(uri::Authority::as_str).or_else(|| text(header::HOST));
    let named = parts.headers.contains_key(header::ORIGIN).then(|| {
        let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
        origin.is_some_and(|(scheme, named)| Some(named) == host && (scheme == "https" || !office.over_tls))
    });
    // Browsers that leave Origin out say at least where the request comes from.
    let site = text(header::HeaderName::from_static("sec-fetch-site")).map(|site| site == "same-origin");
    match (named, site) {
        (None, None) => false,
        (named, site) => named != Some(false) && site != Some(false),
    }
}

/// A day's start, for the devices that have not been heard of today.
pub fn today_began(now: Moment) -> Moment {
    now.campaign_date().starts_at()
}
