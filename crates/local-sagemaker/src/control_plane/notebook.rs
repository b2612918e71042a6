//! Notebook instances and the scripts they start with: records that take their time, and nothing runs.

use std::fmt::Debug;

use serde_json::{Value, json};

use super::{
    SageMakerService,
    names::{RecordKind, name, role},
    store::{NewRecord, Record, RecordData, RecreatedData, without_tags},
};
use crate::aws::{
    json::{ApiError, Input, text},
    time::ApiTimestamp,
};

#[derive(Debug)]
pub(super) struct Notebook {
    status: NotebookStatus,
}

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotebookStatus {
    Pending,
    InService,
    Stopping,
    Stopped,
    Updating,
    Deleting,
}

#[derive(Debug)]
pub(super) struct LifecycleConfig;

impl RecordData for Notebook {
    const KIND: RecordKind = RecordKind::NOTEBOOK_INSTANCE;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&self.status)
    }

    fn summarize(record: &Record<Self>, entry: &mut Input) {
        entry.extend(record.input.get("InstanceType").map(|kind| ("InstanceType".to_owned(), kind.clone())));
    }

    fn describe(_record: &Record<Self>, described: &mut Input) {
        // Asked for under one name, answered under another.
        for (asked, answered) in [
            ("LifecycleConfigName", "NotebookInstanceLifecycleConfigName"),
            ("SecurityGroupIds", "SecurityGroups"),
        ] {
            let value = described.remove(asked);
            described.extend(value.map(|value| (answered.to_owned(), value)));
        }
    }
}

impl RecordData for LifecycleConfig {
    const KIND: RecordKind = RecordKind::LIFECYCLE_CONFIG;
}

impl RecreatedData for LifecycleConfig {
    const CREATE: &'static str = "CreateNotebookInstanceLifecycleConfig";
}

impl RecreatedData for Notebook {
    const CREATE: &'static str = "CreateNotebookInstance";

    fn is_kept(&self) -> bool {
        self.status != NotebookStatus::Deleting
    }
}

/// The members of a notebook instance that an update may change.
const UPDATABLE: [&str; 9] = [
    "InstanceType",
    "RoleArn",
    "LifecycleConfigName",
    "VolumeSizeInGB",
    "DefaultCodeRepository",
    "AdditionalCodeRepositories",
    "RootAccess",
    "InstanceMetadataServiceConfiguration",
    "PlatformIdentifier",
];

impl SageMakerService {
    /// A lifecycle configuration that is named must be there.
    fn check_lifecycle(&self, input: &Input) -> Result<(), ApiError> {
        if input.contains_key("LifecycleConfigName") {
            let name = name(input, "LifecycleConfigName")?;
            self.state().lifecycles.get(&name).map_err(|_| {
                ApiError::validation(format!(
                    "Unable to describe Notebook Instance Lifecycle Config '{name}'."
                ))
            })?;
        }
        Ok(())
    }

    pub(super) fn create_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        let kind = RecordKind::NOTEBOOK_INSTANCE;
        kind.name(input)?;
        role(input, "RoleArn")?;
        let instance = text(input, "InstanceType")?;
        if !instance.starts_with("ml.") {
            let constraint = "Member must satisfy enum value set: [ml.*]";
            return Err(ApiError::constraint(instance, "instanceType", constraint));
        }
        let new = NewRecord::new(kind, input)?;
        self.check_lifecycle(input)?;
        let name = new.name.clone();
        self.state().notebooks.insert(new, Notebook { status: NotebookStatus::Pending })?;
        self.later(name.clone(), NotebookStatus::InService);
        Ok(self.arn_only(kind, &name))
    }

    /// The status comes to this after a while.
    fn later(&self, name: String, status: NotebookStatus) {
        let service = self.clone();
        tokio::spawn(async move {
            service.pause().await;
            if let Ok(notebook) = service.state().notebooks.get_mut(&name) {
                notebook.data.status = status;
                notebook.modified = ApiTimestamp::now();
            }
        });
    }

    /// Changes from one status to another and then, after a while, to a third, if there is one.
    pub(super) fn change_notebook(
        &self,
        input: &Input,
        from: NotebookStatus,
        to: NotebookStatus,
        then: Option<NotebookStatus>,
    ) -> Result<Value, ApiError> {
        let name = RecordKind::NOTEBOOK_INSTANCE.name(input)?;
        let mut state = self.state();
        let notebook = state.notebooks.get_mut(&name)?;
        if notebook.data.status != from {
            return Err(ApiError::validation(format!(
                "Status ({:?}) not in ([{from:?}]). Unable to transition to ({to:?}) for Notebook Instance ({})",
                notebook.data.status, notebook.arn,
            )));
        }
        notebook.data.status = to;
        notebook.modified = ApiTimestamp::now();
        if let Some(then) = then {
            self.later(name, then);
        }
        Ok(Value::Null)
    }

    pub(super) fn update_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::NOTEBOOK_INSTANCE.name(input)?;
        let changed = input.iter().filter(|(member, _)| *member != "NotebookInstanceName");
        if let Some((member, _)) = changed.clone().find(|(member, _)| !UPDATABLE.contains(&member.as_str())) {
            return Err(ApiError::validation(format!("An update of {member} is not emulated here")));
        }
        self.check_lifecycle(input)?;
        let stopped = NotebookStatus::Stopped;
        self.change_notebook(input, stopped, NotebookStatus::Updating, Some(stopped))?;
        let mut state = self.state();
        let notebook = state.notebooks.get_mut(&name)?;
        notebook.input.extend(changed.map(|(member, value)| (member.clone(), value.clone())));
        Ok(json!({}))
    }

    pub(super) fn delete_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        self.change_notebook(input, NotebookStatus::Stopped, NotebookStatus::Deleting, None)?;
        let name = RecordKind::NOTEBOOK_INSTANCE.name(input)?;
        self.remove_later(name, |records| &mut records.notebooks);
        Ok(Value::Null)
    }

    pub(super) fn create_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let kind = RecordKind::LIFECYCLE_CONFIG;
        let mut state = self.state();
        let config = state.lifecycles.insert(NewRecord::new(kind, input)?, LifecycleConfig)?;
        Ok(self.arn_only(kind, &config.name))
    }

    pub(super) fn update_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let mut state = self.state();
        let config = state.lifecycles.get_mut(&RecordKind::LIFECYCLE_CONFIG.name(input)?)?;
        config.input.extend(without_tags(input));
        config.modified = ApiTimestamp::now();
        Ok(json!({}))
    }

    pub(super) fn delete_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::LIFECYCLE_CONFIG.name(input)?;
        let mut state = self.state();
        let in_use = state.notebooks.values().any(|notebook| {
            let used = notebook.input.get("LifecycleConfigName").and_then(Value::as_str);
            used.is_some_and(|used| used.eq_ignore_ascii_case(&name))
        });
        if in_use {
            return Err(ApiError::validation(format!(
                "The Notebook Instance Lifecycle Config '{name}' is in use by a notebook instance; delete that first"
            )));
        }
        state.lifecycles.delete(input)
    }
}
