//! A line of so many bits a second between here and a server, shared by all connections, each way on its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// As much as goes at a time: a packet or some.
const CHUNK: usize = 4_096;

pub struct Line {
    pub url: String,
    pub sent: Arc<AtomicU64>,
    carried: JoinHandle<()>,
}

/// One way of it; who holds it sends, and knows from when on it is free.
struct Way {
    free_at: Mutex<Instant>,
    bits_a_second: f64,
    carried: Arc<AtomicU64>,
}

impl Line {
    pub fn to(runtime: &Runtime, server: SocketAddr, bits_a_second: f64) -> anyhow::Result<Self> {
        let sent = Arc::new(AtomicU64::new(0));
        let way = |carried| Arc::new(Way { free_at: Mutex::new(Instant::now()), bits_a_second, carried });
        let (out, home) = (way(Arc::clone(&sent)), way(Arc::default()));
        let ears = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", ears.local_addr()?);
        let carried = runtime.spawn(async move {
            while let Ok((near, _)) = ears.accept().await {
                let Ok(far) = TcpStream::connect(server).await else { continue };
                let (near, far) = (near.into_split(), far.into_split());
                tokio::spawn(Arc::clone(&out).carry(near.0, far.1));
                tokio::spawn(Arc::clone(&home).carry(far.0, near.1));
            }
        });
        Ok(Self { url, sent, carried })
    }
}

impl Way {
    async fn carry(self: Arc<Self>, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
        let mut chunk = [0; CHUNK];
        while let Ok(bytes @ 1..) = from.read(&mut chunk).await {
            {
                let mut free_at = self.free_at.lock().await;
                *free_at =
                    (*free_at).max(Instant::now()) + Duration::from_secs_f64(bytes as f64 * 8.0 / self.bits_a_second);
                tokio::time::sleep_until(*free_at).await;
            }
            self.carried.fetch_add(bytes as u64, Ordering::Relaxed);
            if to.write_all(&chunk[..bytes]).await.is_err() {
                break;
            }
        }
        drop(to.shutdown().await);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carried.abort();
    }
}
