//! The state that the handlers share.

use std::sync::Arc;

use crate::{Adoptions, Recommender};

#[derive(Clone)]
pub(super) struct ApiState {
    pub(super) recommender: Arc<dyn Recommender>,
    pub(super) adoptions: Arc<dyn Adoptions>,
}
