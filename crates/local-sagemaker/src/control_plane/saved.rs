//! Records that survive a restart: those without work of their own are created again from their requests, and finished jobs
//! are stored as they are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Records, SageMakerService,
    endpoint::DesiredCapacity,
    names::RecordKind,
    store::{Record, RecordData, Store},
    tags::RecordTags,
};
use crate::aws::{
    json::{ApiError, Input},
    time::ApiTimestamp,
};

/// A record as it is saved.
#[derive(Debug, Serialize, Deserialize)]
struct SavedRecord {
    name: String,
    input: Input,
    created: ApiTimestamp,
    modified: ApiTimestamp,
    tags: RecordTags,
    /// What a finished job has beside its request; of an endpoint, the weights and counts of its variants.
    #[serde(default)]
    data: Value,
}

impl SavedRecord {
    /// Returns the request that created the record.
    fn request(&self, kind: RecordKind) -> Input {
        let mut input = self.input.clone();
        input.insert(kind.name_member(), self.name.as_str().into());
        if !self.tags.is_empty() {
            let tags = self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
            input.insert("Tags".to_owned(), tags.collect());
        }
        input
    }
}

impl<T: RecordData> Store<T> {
    fn saved(&self) -> Value {
        let records = self.values().filter_map(|record| {
            let Record { name, input, created, modified, tags, data, .. } = record;
            let record = SavedRecord {
                name: name.clone(),
                input: input.clone(),
                created: *created,
                modified: *modified,
                tags: tags.clone(),
                data: data.saved()?,
            };
            serde_json::to_value(record).ok()
        });
        records.collect()
    }

    /// Gives a record that was created again its old times.
    fn restore_times(&mut self, saved: &SavedRecord) {
        if let Ok(record) = self.get_mut(&saved.name) {
            (record.created, record.modified) = (saved.created, saved.modified);
        }
    }

    /// Adds saved records of a kind that is stored as it is.
    fn restore(&mut self, saved: &Value) -> Result<(), serde_json::Error> {
        for SavedRecord { name, input, created, modified, tags, data } in Vec::deserialize(saved)? {
            let data = T::restored(data)?;
            self.put(Record { arn: self.arn(&name), name, input, created, modified, tags, data });
        }
        Ok(())
    }
}

/// The kinds of records that are created again: in this order, for one needs the other.
const CREATED_AGAIN: [(&str, &str, RecordKind); 5] = [
    ("models", "CreateModel", RecordKind::MODEL),
    ("endpointConfigs", "CreateEndpointConfig", RecordKind::ENDPOINT_CONFIG),
    ("endpoints", "CreateEndpoint", RecordKind::ENDPOINT),
    ("lifecycleConfigs", "CreateNotebookInstanceLifecycleConfig", RecordKind::LIFECYCLE_CONFIG),
    ("notebookInstances", "CreateNotebookInstance", RecordKind::NOTEBOOK_INSTANCE),
];

impl Records {
    fn saved(&self) -> Value {
        json!({
            "models": self.models.saved(),
            "endpointConfigs": self.configs.saved(),
            "endpoints": self.endpoints.saved(),
            "lifecycleConfigs": self.lifecycles.saved(),
            "notebookInstances": self.notebooks.saved(),
            "trainingJobs": self.jobs.saved(),
            "transformJobs": self.transforms.saved(),
            "tuningJobs": self.tuning_jobs.saved(),
            "modelPackageGroups": self.package_groups.saved(),
            "modelPackages": self.packages.saved(),
        })
    }

    /// Adds the finished jobs, and model packages.
    fn restore(&mut self, saved: &Map<String, Value>) -> Result<(), serde_json::Error> {
        let none = json!([]);
        let saved = |name: &str| saved.get(name).unwrap_or(&none);
        self.jobs.restore(saved("trainingJobs"))?;
        self.transforms.restore(saved("transformJobs"))?;
        self.tuning_jobs.restore(saved("tuningJobs"))?;
        self.package_groups.restore(saved("modelPackageGroups"))?;
        self.packages.restore(saved("modelPackages"))
    }

    fn restore_times(&mut self, kind: RecordKind, saved: &SavedRecord) {
        match kind {
            RecordKind::MODEL => self.models.restore_times(saved),
            RecordKind::ENDPOINT_CONFIG => self.configs.restore_times(saved),
            RecordKind::ENDPOINT => self.endpoints.restore_times(saved),
            RecordKind::LIFECYCLE_CONFIG => self.lifecycles.restore_times(saved),
            _ => self.notebooks.restore_times(saved),
        }
    }
}

/// A record that cannot be created again.
#[derive(Debug, thiserror::Error)]
#[error("{operation} of {name} failed: {source}")]
pub struct RestoreError {
    operation: &'static str,
    name: String,
    source: ApiError,
}

impl SageMakerService {
    /// Returns the records that survive a restart, as JSON. Jobs under way do not.
    #[must_use]
    pub fn saved(&self) -> Value {
        self.state().saved()
    }

    /// Adds saved records. Endpoints load their models again, so that S3 must be reachable. Returns what could not be
    /// created again, for instance because it needs something that was deleted meanwhile.
    ///
    /// # Errors
    /// If the JSON is not what [`saved`](Self::saved) returns.
    pub async fn restore(&self, saved: &Value) -> Result<Vec<RestoreError>, serde_json::Error> {
        let saved = Map::deserialize(saved)?;
        self.state().restore(&saved)?;
        let mut errors = Vec::new();
        for (member, operation, kind) in CREATED_AGAIN {
            let records: Vec<SavedRecord> = saved.get(member).map_or(Ok(Vec::new()), Vec::deserialize)?;
            for record in records {
                let request = record.request(kind);
                let created = if kind == RecordKind::ENDPOINT {
                    let capacities: Option<Vec<DesiredCapacity>> = Deserialize::deserialize(&record.data)?;
                    self.create_endpoint(&request, &capacities.unwrap_or_default())
                } else {
                    self.call(operation, &request).await
                };
                match created {
                    Ok(_) => self.state().restore_times(kind, &record),
                    Err(source) => errors.push(RestoreError { operation, name: record.name, source }),
                }
            }
        }
        Ok(errors)
    }
}
