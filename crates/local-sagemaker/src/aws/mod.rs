//! AWS's protocols: requests as services read them, and a client of services at one address.

pub mod client;
pub mod http_client;
pub mod json;
pub mod logs;
mod objects;
pub mod s3;
pub mod s3_upload;
pub mod signature;
pub mod time;
