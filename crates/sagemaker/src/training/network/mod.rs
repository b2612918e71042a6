//! Several hosts of a training job, each a process of its own, that share nothing but host names and a port.
//!
//! The first host in `resourceconfig.json` is the leader and listens at [`PORT`]. Each other host connects to it, sends its part
//! of the sample and, if the test channel is sharded, its rows of that, and waits until the leader is done. Both sides send
//! something every few seconds, so that a host that is lost is noticed. The job fails with the reason of the first failure.
//!
//! There is no authentication: SageMaker's hosts of a job are in a network of their own.

mod collect;
mod connection;
mod message;
mod work;

pub(super) use collect::{WorkerConnection, WorkerHosts};
pub(super) use work::work;

use std::time::Duration;

/// The port of the leader.
pub const PORT: u16 = 7411;
/// How long hosts wait for each other when a job starts: a host may still download its data.
const CONNECT_TIMEOUT: Duration = Duration::from_mins(15);
/// How often a host tries to connect.
const CONNECT_INTERVAL: Duration = Duration::from_millis(200);
/// How often a host that has nothing to send says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// After how long without a message a host is lost.
const MAX_SILENCE: Duration = Duration::from_mins(1);
