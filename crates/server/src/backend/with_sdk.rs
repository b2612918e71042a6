//! The backends that ask an endpoint through the AWS SDK, as the function on Lambda does.

use std::{net::IpAddr, sync::Arc};

use anyhow::Result;
use mysfits_api::{
    Credentials, Embedded, Endpoint, EndpointSettings, Fallback, Patience, Recommender, Roots,
};

use super::OwnEndpoint;

/// What requests are signed with and for; the server that is asked is this one, and it does not look.
const NAME: &str = "local";
const REGION: &str = "us-east-1";

#[expect(clippy::unnecessary_wraps, reason = "its twin without the SDK fails")]
pub fn endpoint(own: &OwnEndpoint<'_>) -> Result<Arc<dyn Recommender>> {
    Ok(Arc::new(client(own, Patience::ALONE)))
}

#[expect(clippy::unnecessary_wraps, reason = "its twin without the SDK fails")]
pub fn fallback(own: &OwnEndpoint<'_>, second: Embedded) -> Result<Arc<dyn Recommender>> {
    Ok(Arc::new(Fallback::new(client(own, Patience::BEFORE_FALLBACK), second)))
}

fn client(own: &OwnEndpoint<'_>, patience: Patience) -> Endpoint {
    let mut address = own.address;
    if address.ip().is_unspecified() {
        // Whoever listens everywhere is asked at home.
        let home = match address.ip() {
            IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        };
        address.set_ip(home);
    }
    Endpoint::new(EndpointSettings {
        name: own.name.to_owned(),
        region: REGION.to_owned(),
        url: Some(format!("http://{address}")),
        credentials: Credentials::new(NAME, NAME, None, None, NAME),
        roots: Roots::amazon(),
        patience,
    })
}
