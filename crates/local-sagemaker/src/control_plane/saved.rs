//! Records that survive a restart: those without work of their own are created again from their requests, and finished jobs
//! are stored as they are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Records, SageMakerService,
    endpoint::DesiredCapacity,
    names::RecordKind,
    store::{Record, RecordData, RecreatedData, Store, StoredData},
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
    /// The data of a record that is stored as it is, or what has changed of one that is created again.
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
    /// Returns the records of which this returns something, with that as their data.
    fn saved_with(&self, data: impl Fn(&T) -> Option<Value>) -> Value {
        let records = self.values().filter_map(|record| {
            let record = SavedRecord {
                name: record.name.clone(),
                input: record.input.clone(),
                created: record.created,
                modified: record.modified,
                tags: record.tags.clone(),
                data: data(&record.data)?,
            };
            serde_json::to_value(record).ok()
        });
        records.collect()
    }
}

impl<T: StoredData> Store<T> {
    fn stored(&self) -> Value {
        self.saved_with(|data| if data.is_final() { serde_json::to_value(data).ok() } else { None })
    }

    fn restore(&mut self, saved: &Value) -> Result<(), serde_json::Error> {
        for SavedRecord { name, input, created, modified, tags, data } in Vec::deserialize(saved)? {
            let data = T::deserialize(data)?;
            self.put(Record { arn: self.arn(&name), name, input, created, modified, tags, data });
        }
        Ok(())
    }
}

impl<T: RecreatedData> Store<T> {
    fn requests(&self) -> Value {
        self.saved_with(|data| data.is_kept().then(|| data.changes()))
    }

    /// Gives a record that was created again its old times.
    fn restore_times(&mut self, saved: &SavedRecord) {
        if let Ok(record) = self.get_mut(&saved.name) {
            (record.created, record.modified) = (saved.created, saved.modified);
        }
    }
}

impl Records {
    fn saved(&self) -> Value {
        json!({
            "models": self.models.requests(),
            "endpointConfigs": self.configs.requests(),
            "endpoints": self.endpoints.requests(),
            "lifecycleConfigs": self.lifecycles.requests(),
            "notebookInstances": self.notebooks.requests(),
            "trainingJobs": self.jobs.stored(),
            "transformJobs": self.transforms.stored(),
            "tuningJobs": self.tuning_jobs.stored(),
            "modelPackageGroups": self.package_groups.stored(),
            "modelPackages": self.packages.stored(),
        })
    }

    /// Adds the finished jobs, and model packages.
    fn restore(&mut self, saved: &SavedKinds) -> Result<(), serde_json::Error> {
        self.jobs.restore(saved.get("trainingJobs"))?;
        self.transforms.restore(saved.get("transformJobs"))?;
        self.tuning_jobs.restore(saved.get("tuningJobs"))?;
        self.package_groups.restore(saved.get("modelPackageGroups"))?;
        self.packages.restore(saved.get("modelPackages"))
    }
}

/// Saved records by kind.
#[derive(Debug, Deserialize)]
struct SavedKinds(Map<String, Value>);

impl SavedKinds {
    /// Returns the records of a kind, a list.
    fn get(&self, kind: &str) -> &Value {
        const NONE: &Value = &Value::Array(Vec::new());
        self.0.get(kind).unwrap_or(NONE)
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
        let saved = SavedKinds::deserialize(saved)?;
        self.state().restore(&saved)?;
        let mut errors = Vec::new();
        // In this order, for one needs the other.
        errors.extend(self.recreate(saved.get("models"), |records| &mut records.models).await?);
        errors.extend(self.recreate(saved.get("endpointConfigs"), |records| &mut records.configs).await?);
        errors.extend(self.recreate(saved.get("endpoints"), |records| &mut records.endpoints).await?);
        errors.extend(self.recreate(saved.get("lifecycleConfigs"), |records| &mut records.lifecycles).await?);
        errors.extend(self.recreate(saved.get("notebookInstances"), |records| &mut records.notebooks).await?);
        Ok(errors)
    }

    /// Creates records of a kind from their requests.
    async fn recreate<T: RecreatedData>(
        &self,
        saved: &Value,
        store: fn(&mut Records) -> &mut Store<T>,
    ) -> Result<Vec<RestoreError>, serde_json::Error> {
        let mut errors = Vec::new();
        for record in Vec::<SavedRecord>::deserialize(saved)? {
            let request = record.request(T::KIND);
            let created = if T::KIND == RecordKind::ENDPOINT {
                let capacities: Option<Vec<DesiredCapacity>> = Deserialize::deserialize(&record.data)?;
                self.create_endpoint(&request, &capacities.unwrap_or_default())
            } else {
                self.call(T::CREATE, &request).await
            };
            match created {
                Ok(_) => store(&mut self.state()).restore_times(&record),
                Err(source) => {
                    errors.push(RestoreError { operation: T::CREATE, name: record.name, source });
                }
            }
        }
        Ok(errors)
    }
}
