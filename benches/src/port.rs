//! A server on a port of this machine's own, with its record kept up as in life.

use std::net::SocketAddr;

use anyhow::Context;
use shared_model::time::MS_PER_MINUTE;
use sync_server::Server;
use sync_server::settings::Listening;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Answers for as long as it is not dropped.
pub struct Port {
    pub url: String,
    served: JoinHandle<()>,
}

impl Port {
    pub fn open(runtime: &Runtime, server: &Server) -> anyhow::Result<Self> {
        // Whoever takes the port in between makes the first knock fail.
        let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let listening = Listening { listen: free, tls_cert: None, tls_key: None, quiet: true };
        let server = server.clone();
        let served = runtime.spawn(async move {
            if let Err(wrong) = sync_server::serve(server, listening).await {
                eprintln!("{wrong}");
            }
        });
        runtime.block_on(knock(free))?;
        Ok(Self { url: format!("http://{free}"), served })
    }

    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.url.trim_start_matches("http://").parse()?)
    }
}

async fn knock(at: SocketAddr) -> anyhow::Result<()> {
    let patience = std::time::Duration::from_millis(MS_PER_MINUTE.unsigned_abs());
    let opened = async {
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(patience, opened).await.context("the server did not open its port")
}

impl Drop for Port {
    fn drop(&mut self) {
        self.served.abort();
    }
}
