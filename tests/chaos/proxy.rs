//! A road on loopback that carries whole exchanges, and does to one of them what it was told to.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::fault::{Carried, Exchange, Fault, Half, Manner, PAGES};
use crate::message;

#[derive(Default)]
struct Notes {
    /// What is to happen to which exchange, in this order.
    armed: VecDeque<(Exchange, Fault)>,
    carried: Vec<Carried>,
    /// Statuses of what was asked a second time.
    again: BTreeMap<String, u64>,
}

impl Notes {
    fn meets(&mut self, exchange: Exchange) -> Option<Fault> {
        self.armed.pop_front_if(|(armed, _)| *armed == exchange).map(|(_, fault)| fault)
    }
}

pub struct Proxy {
    pub url: String,
    notes: Arc<Mutex<Notes>>,
    _runtime: Runtime,
}

fn held(notes: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    pub fn before(server: &str) -> anyhow::Result<Self> {
        let server: SocketAddr = server.trim_start_matches("http://").parse()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let notes: Arc<Mutex<Notes>> = Arc::default();
        let noting = notes.clone();
        runtime.spawn(async move {
            while let Ok((laptop, _)) = listener.accept().await {
                // A connection that ends badly is what this is for.
                let notes = noting.clone();
                tokio::spawn(async move { connection(laptop, server, &notes).await.unwrap_or_default() });
            }
        });
        Ok(Self { url, notes, _runtime: runtime })
    }

    /// The next exchanges of these kinds meet these faults, one after the other; no others do.
    pub fn arm(&self, faults: &[(Exchange, Fault)]) {
        held(&self.notes).armed = faults.iter().copied().collect();
    }

    /// How many faults have still not been met; they are taken back.
    pub fn disarm(&self) -> usize {
        std::mem::take(&mut held(&self.notes).armed).len()
    }

    /// What was answered since it was last asked.
    pub fn carried(&self) -> Vec<Carried> {
        std::mem::take(&mut held(&self.notes).carried)
    }

    pub fn again(&self) -> BTreeMap<String, u64> {
        held(&self.notes).again.clone()
    }
}

async fn connection(mut laptop: TcpStream, server: SocketAddr, notes: &Mutex<Notes>) -> io::Result<()> {
    laptop.set_nodelay(true)?;
    let mut onward = connect(server).await?;
    while let Some(question) = message::read(&mut laptop).await? {
        let exchange = Exchange::of(message::path(&question.bytes));
        let fault = held(notes).meets(exchange);
        match fault {
            Some(Fault::Captive(page)) => {
                let (head, body) = PAGES[page % PAGES.len()];
                let page =
                    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                laptop.write_all(page.as_bytes()).await?;
                return laptop.shutdown().await;
            }
            Some(Fault::Cut(Half::Question, at, manner)) => {
                onward.write_all(&question.bytes[..at.min(question.bytes.len())]).await?;
                // What arrived whole takes effect; only its answer is lost.
                if at >= question.bytes.len() {
                    message::read(&mut onward).await?;
                }
                return end(laptop, onward, manner).await;
            }
            _ => {}
        }
        let step = if let Some(Fault::Trickled(step)) = fault { step } else { usize::MAX };
        let twin = match fault {
            Some(Fault::AskedTwice) => Some(tokio::spawn(ask(server, question.bytes.clone()))),
            _ => None,
        };
        trickle(&mut onward, &question.bytes, step).await?;
        let Some(answer) = message::read(&mut onward).await? else { return Ok(()) };
        if let Some(Ok(Ok(status))) = match twin {
            Some(twin) => Some(twin.await),
            None => None,
        } {
            *held(notes).again.entry(format!("{exchange} {status}")).or_default() += 1;
        }
        let cut = match fault {
            Some(Fault::Cut(Half::Answer, at, manner)) => Some((at.min(answer.bytes.len()), manner)),
            _ => None,
        };
        held(notes).carried.push(Carried {
            exchange,
            question_head: question.head,
            question: question.bytes.len(),
            answer_head: answer.head,
            answer: answer.bytes.len(),
            whole: cut.is_none_or(|(at, _)| at == answer.bytes.len()),
        });
        if let Some((at, manner)) = cut {
            laptop.write_all(&answer.bytes[..at]).await?;
            return end(laptop, onward, manner).await;
        }
        trickle(&mut laptop, &answer.bytes, step).await?;
        if fault == Some(Fault::AnsweredTwice) {
            laptop.write_all(&answer.bytes).await?;
        }
    }
    Ok(())
}

async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn ask(server: SocketAddr, question: Vec<u8>) -> io::Result<String> {
    let mut onward = connect(server).await?;
    onward.write_all(&question).await?;
    let answer = message::read(&mut onward).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(String::from_utf8_lossy(&answer.bytes).split(' ').nth(1).unwrap_or_default().to_owned())
}

async fn end(mut laptop: TcpStream, onward: TcpStream, manner: Manner) -> io::Result<()> {
    match manner {
        Manner::Closed => laptop.shutdown().await,
        Manner::Reset => {
            onward.set_zero_linger()?;
            laptop.set_zero_linger()
        }
        Manner::Stalled => {
            // Until the laptop gives up; the server's side stays open just as long.
            let mut nothing = [0; 1];
            while laptop.read(&mut nothing).await? > 0 {}
            drop(onward);
            Ok(())
        }
    }
}

async fn trickle(stream: &mut TcpStream, bytes: &[u8], step: usize) -> io::Result<()> {
    for piece in bytes.chunks(step.max(1)) {
        stream.write_all(piece).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
