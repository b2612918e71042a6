//! Notebook instances and the scripts they start with: records that take their time, and nothing runs.

use serde_json::{Value, json};

use super::{
    SageMakerService, arn_only, echo,
    names::{RecordKind, name, role},
    store::{ListEntry, page},
    tags::NewTags,
};
use crate::{
    aws_json::{ApiError, Input, text},
    time::ApiTimestamp,
};

#[derive(Debug)]
pub(super) struct Notebook {
    name: String,
    input: Input,
    created: ApiTimestamp,
    modified: ApiTimestamp,
    status: NotebookStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotebookStatus {
    Pending,
    InService,
    Stopping,
    Stopped,
    Updating,
    Deleting,
}

impl NotebookStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
        }
    }
}

#[derive(Debug)]
pub(super) struct LifecycleConfig {
    name: String,
    input: Input,
    created: ApiTimestamp,
    modified: ApiTimestamp,
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
        let name = RecordKind::NotebookInstance.name(input)?;
        role(input, "RoleArn")?;
        let kind = text(input, "InstanceType")?;
        if !kind.starts_with("ml.") {
            return Err(ApiError::constraint(
                kind,
                "instanceType",
                "Member must satisfy enum value set: [ml.*]",
            ));
        }
        let tags = NewTags::new(input)?;
        self.check_lifecycle(input)?;
        let created = ApiTimestamp::now();
        let notebook = Notebook {
            name: name.clone(),
            input: input.clone(),
            created,
            modified: created,
            status: NotebookStatus::Pending,
        };
        {
            let mut state = self.state();
            state.notebooks.insert(&name, notebook)?;
            state.tags.create(&RecordKind::NotebookInstance.arn(&name), tags);
        }
        self.later(name.clone(), NotebookStatus::InService);
        Ok(arn_only(RecordKind::NotebookInstance, &name))
    }

    /// The status comes to this after a while.
    fn later(&self, name: String, status: NotebookStatus) {
        let service = self.clone();
        tokio::spawn(async move {
            service.pause().await;
            if let Ok(notebook) = service.state().notebooks.get_mut(&name) {
                notebook.status = status;
                notebook.modified = ApiTimestamp::now();
            }
        });
    }

    /// From one status to another, by way of a third.
    fn change_notebook(
        &self,
        input: &Input,
        from: NotebookStatus,
        by: NotebookStatus,
        to: NotebookStatus,
    ) -> Result<(), ApiError> {
        let name = RecordKind::NotebookInstance.name(input)?;
        {
            let mut state = self.state();
            let notebook = state.notebooks.get_mut(&name)?;
            if notebook.status != from {
                return Err(ApiError::validation(format!(
                    "Status ({}) not in ([{}]). Unable to transition to ({}) for Notebook Instance ({})",
                    notebook.status.as_str(),
                    from.as_str(),
                    by.as_str(),
                    RecordKind::NotebookInstance.arn(&name),
                )));
            }
            notebook.status = by;
            notebook.modified = ApiTimestamp::now();
        }
        if by != NotebookStatus::Deleting {
            self.later(name, to);
        }
        Ok(())
    }

    pub(super) fn start_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        self.change_notebook(
            input,
            NotebookStatus::Stopped,
            NotebookStatus::Pending,
            NotebookStatus::InService,
        )?;
        Ok(Value::Null)
    }

    pub(super) fn stop_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        self.change_notebook(
            input,
            NotebookStatus::InService,
            NotebookStatus::Stopping,
            NotebookStatus::Stopped,
        )?;
        Ok(Value::Null)
    }

    pub(super) fn update_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::NotebookInstance.name(input)?;
        let changed = input.iter().filter(|(member, _)| *member != "NotebookInstanceName");
        if let Some((member, _)) = changed.clone().find(|(member, _)| !UPDATABLE.contains(&member.as_str())) {
            return Err(ApiError::validation(format!("An update of {member} is not emulated here")));
        }
        self.check_lifecycle(input)?;
        self.change_notebook(
            input,
            NotebookStatus::Stopped,
            NotebookStatus::Updating,
            NotebookStatus::Stopped,
        )?;
        let mut state = self.state();
        let notebook = state.notebooks.get_mut(&name)?;
        notebook.input.extend(changed.map(|(member, value)| (member.clone(), value.clone())));
        Ok(json!({}))
    }

    pub(super) fn delete_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::NotebookInstance.name(input)?;
        self.change_notebook(
            input,
            NotebookStatus::Stopped,
            NotebookStatus::Deleting,
            NotebookStatus::Deleting,
        )?;
        let service = self.clone();
        tokio::spawn(async move {
            service.pause().await;
            let mut state = service.state();
            let _ = state.notebooks.remove(&name);
            state.tags.remove(&RecordKind::NotebookInstance.arn(&name));
        });
        Ok(Value::Null)
    }

    pub(super) fn describe_notebook_instance(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::NotebookInstance.name(input)?;
        let state = self.state();
        let notebook = state.notebooks.get(&name)?;
        let mut described = echo(&notebook.input);
        // Asked for under one name, answered under another.
        if let Some(lifecycle) = described.remove("LifecycleConfigName") {
            described.insert("NotebookInstanceLifecycleConfigName".into(), lifecycle);
        }
        if let Some(groups) = described.remove("SecurityGroupIds") {
            described.insert("SecurityGroups".into(), groups);
        }
        described.insert("NotebookInstanceArn".into(), RecordKind::NotebookInstance.arn(&name).into());
        described.insert("NotebookInstanceStatus".into(), notebook.status.as_str().into());
        described.insert("CreationTime".into(), notebook.created.into());
        described.insert("LastModifiedTime".into(), notebook.modified.into());
        Ok(described.into())
    }

    pub(super) fn list_notebook_instances(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.notebooks.values().map(|notebook| ListEntry {
            name: notebook.name.clone(),
            created: notebook.created,
            status: Some(notebook.status.as_str()),
            summary: json!({
                "NotebookInstanceName": notebook.name,
                "NotebookInstanceArn": RecordKind::NotebookInstance.arn(&notebook.name),
                "NotebookInstanceStatus": notebook.status.as_str(),
                "InstanceType": notebook.input.get("InstanceType"),
                "CreationTime": Value::from(notebook.created),
                "LastModifiedTime": Value::from(notebook.modified),
            }),
        });
        page(entries.collect(), "NotebookInstances", input)
    }

    pub(super) fn create_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::LifecycleConfig.name(input)?;
        let tags = NewTags::new(input)?;
        let created = ApiTimestamp::now();
        let config = LifecycleConfig { name: name.clone(), input: input.clone(), created, modified: created };
        let mut state = self.state();
        state.lifecycles.insert(&name, config)?;
        state.tags.create(&RecordKind::LifecycleConfig.arn(&name), tags);
        Ok(arn_only(RecordKind::LifecycleConfig, &name))
    }

    pub(super) fn update_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::LifecycleConfig.name(input)?;
        let mut state = self.state();
        let config = state.lifecycles.get_mut(&name)?;
        config.input.extend(echo(input));
        config.modified = ApiTimestamp::now();
        Ok(json!({}))
    }

    pub(super) fn describe_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::LifecycleConfig.name(input)?;
        let state = self.state();
        let config = state.lifecycles.get(&name)?;
        let mut described = echo(&config.input);
        described
            .insert(RecordKind::LifecycleConfig.arn_member(), RecordKind::LifecycleConfig.arn(&name).into());
        described.insert("CreationTime".into(), config.created.into());
        described.insert("LastModifiedTime".into(), config.modified.into());
        Ok(described.into())
    }

    pub(super) fn list_lifecycle_configs(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.lifecycles.values().map(|config| ListEntry {
            name: config.name.clone(),
            created: config.created,
            status: None,
            summary: json!({
                "NotebookInstanceLifecycleConfigName": config.name,
                "NotebookInstanceLifecycleConfigArn": RecordKind::LifecycleConfig.arn(&config.name),
                "CreationTime": Value::from(config.created),
                "LastModifiedTime": Value::from(config.modified),
            }),
        });
        page(entries.collect(), "NotebookInstanceLifecycleConfigs", input)
    }

    pub(super) fn delete_lifecycle_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::LifecycleConfig.name(input)?;
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
        state.lifecycles.remove(&name)?;
        state.tags.remove(&RecordKind::LifecycleConfig.arn(&name));
        Ok(Value::Null)
    }
}
