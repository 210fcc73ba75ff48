//! A road: something that carries one request to a server and brings one answer back.

/// A request as it goes over the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    pub path: String,
    /// Nothing for a plain fetch, which is a GET.
    pub body: Option<Vec<u8>>,
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Whether the body is zstd.
    pub zstd: bool,
    pub body: Vec<u8>,
}

/// No answer came. Whether the request arrived is unknown, and need not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoadError {
    #[error("no way to the server")]
    NoNetwork,
    #[error("the server's certificate is not trusted")]
    NotTrusted,
    #[error("the address is no server's")]
    BadAddress,
    #[error("the answer is larger than any answer may be")]
    TooLarge,
}

pub trait Road: Send {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError>;
}
