//! The services of each account in each region, created on first use. S3 is shared by all.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, body::Body, extract::Request, response::Response};
use mysfits_sagemaker::{AccountRegion, Endpoint, faults::Faults, http::MemoryBudget};
use tower::ServiceExt as _;

use super::{
    caller::{Caller, DEFAULT_ACCOUNT},
    logs::LogsService,
};
use crate::{
    aws::{client::AwsClient, http_client::Http, json::ApiError, signature::Credentials},
    control_plane::{Pace, SageMakerService},
};

/// The most accounts and regions that are used at once; each has a little memory of its own.
const MAX_REGIONS: usize = 256;

/// The services of an account in a region.
#[derive(Debug)]
pub(super) struct RegionServices {
    pub(super) sagemaker: SageMakerService,
    pub(super) logs: LogsService,
    /// SageMaker's runtime, and the routes that set an endpoint's faults.
    runtime: Router,
    /// Faults of endpoints that are not in service yet, by name.
    faults: Mutex<BTreeMap<String, Faults>>,
}

impl RegionServices {
    /// Answers a request to the runtime, or to the routes that set faults, for this endpoint.
    pub(super) async fn to_endpoint(&self, name: &str, request: Request) -> Response {
        self.set_first_faults(name).await;
        let Ok(response) = self.runtime.clone().oneshot(request).await;
        response
    }

    /// Sets the faults that an endpoint begins with, if it is in service and they are not set yet.
    async fn set_first_faults(&self, name: &str) {
        let pending = || self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(faults) = pending().get(name).copied() else { return };
        let body = serde_json::to_vec(&faults).unwrap_or_default();
        let Ok(request) = Request::put(format!("/chaos/{name}")).body(Body::from(body)) else { return };
        let Ok(response) = self.runtime.clone().oneshot(request).await;
        if response.status().is_success() {
            pending().remove(name);
        }
    }
}

/// The services of all accounts and regions.
#[derive(Debug)]
pub(super) struct AllServices {
    http: Http,
    /// Where this process itself is reached.
    url: String,
    /// Where S3 is.
    s3_url: String,
    pace: Pace,
    /// The faults that endpoints begin with.
    faults: BTreeMap<String, Faults>,
    /// Endpoints of the command line, which every account has.
    hosted: Vec<Arc<Endpoint>>,
    /// For the requests to the endpoints of all accounts together.
    budget: MemoryBudget,
    regions: Mutex<BTreeMap<AccountRegion, Arc<RegionServices>>>,
}

impl AllServices {
    pub(super) fn new(
        url: String,
        s3_url: String,
        pace: Pace,
        faults: BTreeMap<String, Faults>,
        hosted: Vec<Arc<Endpoint>>,
        budget: MemoryBudget,
    ) -> Self {
        Self { http: Http::default(), url, s3_url, pace, faults, hosted, budget, regions: Mutex::default() }
    }

    fn regions(&self) -> MutexGuard<'_, BTreeMap<AccountRegion, Arc<RegionServices>>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the services of an account in a region.
    ///
    /// # Errors
    /// `ThrottlingException` if there are too many.
    pub(super) fn get(&self, owner: &AccountRegion) -> Result<Arc<RegionServices>, ApiError> {
        let mut regions = self.regions();
        if let Some(services) = regions.get(owner) {
            return Ok(Arc::clone(services));
        }
        if regions.len() == MAX_REGIONS {
            let message =
                format!("more than {MAX_REGIONS} accounts and regions; POST /_local/reset removes all");
            return Err(ApiError::new("ThrottlingException", message));
        }
        let services = Arc::new(self.create(owner));
        regions.insert(owner.clone(), Arc::clone(&services));
        Ok(services)
    }

    fn create(&self, owner: &AccountRegion) -> RegionServices {
        let credentials = Credentials::new(owner.account(), "local");
        let client = |url: &str| {
            AwsClient::new(self.http.clone(), url, credentials.clone()).with_region(owner.region())
        };
        let (s3, logs) = (client(&self.s3_url), client(&self.url));
        let sagemaker =
            SageMakerService::with_budget(owner.clone(), s3, logs, self.pace, self.budget.clone());
        for endpoint in &self.hosted {
            sagemaker.host(Arc::clone(endpoint));
        }
        RegionServices {
            runtime: sagemaker.runtime(),
            faults: Mutex::new(self.faults.clone()),
            logs: LogsService::new(owner.clone()),
            sagemaker,
        }
    }

    /// Returns the services that have the endpoint of an unsigned request: those of the default account first.
    pub(super) fn with_endpoint(&self, name: &str) -> Option<Arc<RegionServices>> {
        let regions = self.regions();
        let (default, others): (Vec<_>, Vec<_>) =
            regions.iter().partition(|(owner, _)| owner.account() == DEFAULT_ACCOUNT);
        let mut all = default.into_iter().chain(others);
        all.find(|(_, services)| services.sagemaker.has_endpoint(name))
            .map(|(_, services)| Arc::clone(services))
    }

    /// Returns the services for a request to an endpoint's route.
    pub(super) fn for_endpoint(&self, caller: &Caller, name: &str) -> Result<Arc<RegionServices>, ApiError> {
        match self.with_endpoint(name).filter(|_| !caller.is_signed) {
            Some(services) => Ok(services),
            None => self.get(&caller.owner),
        }
    }

    /// Returns all services, in the order of accounts and regions.
    pub(super) fn all(&self) -> Vec<(AccountRegion, Arc<RegionServices>)> {
        self.regions().iter().map(|(owner, services)| (owner.clone(), Arc::clone(services))).collect()
    }

    /// Forgets all accounts and regions with their records and logs. Jobs under way go on unseen until they end.
    pub(super) fn clear(&self) {
        self.regions().clear();
    }
}
