//! What is decided outside: by flags, or by the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::seal::Seal;

/// What a server needs to open its data.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Where keys, the database and snapshots lie.
    #[arg(long, env = "SO_TIEM_DATA", value_name = "DIR", default_value = "data", global = true)]
    pub data: PathBuf,
    /// The national database: `postgresql://user@host/name`. Without it, a file in the data directory.
    #[arg(long, env = "SO_TIEM_DATABASE", value_name = "URL", hide_env_values = true, global = true)]
    pub database: Option<String>,
    #[arg(long, env = "SO_TIEM_CAMPAIGN", value_name = "NAME", default_value = "Sổ Tiêm", global = true)]
    pub campaign_name: String,
    /// The built console, served to browsers.
    #[arg(long, env = "SO_TIEM_CONSOLE", value_name = "PATH", global = true)]
    pub console_dir: Option<PathBuf>,
    /// Browsers reach this server over TLS, here or at a proxy in front of it.
    #[arg(long, env = "SO_TIEM_OVER_TLS", global = true)]
    pub over_tls: bool,
    /// The register of administrative units: CSV with code, name, parent, valid_from and valid_to.
    #[arg(long, env = "SO_TIEM_UNITS", value_name = "FILE", global = true)]
    pub units: Option<PathBuf>,
    /// Of a hub: where the nation answers. It is remembered from joining; this says another address.
    #[arg(long, env = "SO_TIEM_UPSTREAM", value_name = "URL", global = true)]
    pub upstream: Option<String>,
    /// Everything in the data directory is encrypted under it: for a hub on a machine that is carried about, which has
    /// it from elsewhere. No flag takes it; a database elsewhere is left as it is.
    #[arg(skip)]
    pub seal: Option<Seal>,
}

impl Settings {
    /// A server of its own in a directory, as tests and trials want it.
    pub fn in_directory(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            database: None,
            campaign_name: "Sổ Tiêm".to_owned(),
            console_dir: None,
            over_tls: false,
            units: None,
            upstream: None,
            seal: None,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub struct Listening {
    #[arg(long, env = "SO_TIEM_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8640")]
    pub listen: SocketAddr,
    /// PEM of the certificate chain.
    #[arg(long, env = "SO_TIEM_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM of the private key.
    #[arg(long, env = "SO_TIEM_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Of a hub: does not tell the networks it is part of where it answers. Over TLS and on a loopback address no hub does.
    #[arg(long, env = "SO_TIEM_QUIET")]
    pub quiet: bool,
}

#[derive(Debug, Parser)]
#[command(name = "sync-server", version, about = "The national copy of the vaccination record")]
pub struct Command {
    #[command(flatten)]
    pub settings: Settings,
    /// Logs as JSON, one object a line.
    #[arg(long, env = "SO_TIEM_LOG_JSON", global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub deed: Deed,
}

#[derive(Debug, Subcommand)]
pub enum Deed {
    /// Answers laptops and browsers until it is told to stop.
    Serve(Listening),
    /// Prints a one-time code that lets one laptop in.
    EnrolCode {
        /// Code of the injection point or office.
        #[arg(long)]
        site: String,
        /// Code of the administrative unit whose feed the laptop follows.
        #[arg(long)]
        area: String,
    },
    /// Accounts of the console.
    #[command(subcommand)]
    Staff(StaffDeed),
    /// Prepares a campaign to play with: an admin and codes for two laptops.
    Demo {
        /// Codes to use, one a laptop.
        #[arg(long = "code", default_values = ["DEMO-0001", "DEMO-0002"])]
        codes: Vec<String>,
        #[arg(long, env = "SO_TIEM_PASSWORD", hide_env_values = true, default_value = "demo-demo")]
        password: String,
        #[arg(long, default_value = "26734")]
        area: String,
    },
    /// Hubs: servers that stand between laptops and the nation.
    #[command(subcommand)]
    Hub(HubDeed),
    /// Forgets every conclusion and draws them again from the log.
    Rebuild,
    /// Filters of prior doses, by which laptops ask who may already have had one.
    #[command(subcommand)]
    Prior(PriorDeed),
    /// Prints what has arrived from every laptop, and between which bounds the number still out must lie.
    Completeness {
        /// A line for every laptop and day, not for sites and areas alone.
        #[arg(long)]
        days: bool,
    },
    /// Sticks that were carried here where there is no line.
    #[command(subcommand)]
    Stick(StickDeed),
    /// Looks for the log that ends with the six words read out from a laptop.
    CheckEnd {
        /// With or without marks, in one argument or six.
        #[arg(required = true)]
        words: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum HubDeed {
    /// At the nation: prints a one-time code that lets one hub in.
    Code {
        /// Code of the office it stands in.
        #[arg(long)]
        site: String,
        /// Codes of the administrative units whose feeds it may tell.
        #[arg(long = "area", required = true)]
        areas: Vec<String>,
    },
    /// At a hub: says when the nation last answered, what waits to be forwarded, and what was left behind and why.
    Status {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Makes this data directory a hub's: joins the campaign of the server at `--upstream`.
    Join {
        #[arg(long)]
        code: String,
        /// As people call it: "Trung tâm y tế quận 5".
        #[arg(long)]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum StickDeed {
    /// Takes in a stick and says in words what came of it. Ends with 0 when all of it was taken, with 3 when
    /// something is damaged, missing or could not be placed, with 4 when nothing on it was for this server.
    Take {
        /// A file, or a folder with files that end in `.outward`.
        path: PathBuf,
        /// Where return sticks are written: for each laptop that asked for one, a file that ends in `.return`.
        #[arg(long = "return", value_name = "FOLDER")]
        return_to: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum PriorDeed {
    /// Writes a filter of what came in since the last one, without waiting for the night.
    Build {
        /// A whole one under a new key, whatever there is: after a laptop was stolen, or to have withdrawn doses forgotten.
        #[arg(long)]
        base: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum StaffDeed {
    /// Adds an account, or gives a known one a new password and role.
    /// The password comes from the environment (SO_TIEM_PASSWORD) or from the first line of the input.
    Add {
        name: String,
        /// `admin` or `viewer`.
        #[arg(long, default_value = "admin")]
        role: String,
    },
}
