//! `logs`: the lines of a log, and new ones as they come.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use aws_smithy_types::{DateTime, date_time::Format};
use mysfits_deploy_cli::{LogSource, LogsArgs};
use mysfits_infra::{
    Stack,
    names::{SAGEMAKER_PREFIX, log_groups, notebook},
    recommendations::output as function_output,
};
use serde_json::{Value, json};

use crate::{
    aws::logs::{LogLine, LogQuery},
    deployer::StackDeployer,
    error::DeployError,
    names::{ENDPOINT_LOGS, NOTEBOOK_LOGS, TRAINING_LOGS},
};

/// The interval of requests for new log lines.
const FOLLOW_INTERVAL: Duration = Duration::from_secs(2);
/// How late log lines may arrive.
const MAX_DELAY_MS: i64 = 10_000;

impl StackDeployer {
    /// Prints a log, and follows it if asked to.
    pub(crate) async fn print_logs(&self, args: &LogsArgs) -> Result<(), DeployError> {
        let query = self.log_query(args).await?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut from_ms = now.saturating_sub(args.since).as_millis() as i64;
        let mut seen = HashSet::new();
        self.console.doing(format!("reading {}", query.group));
        loop {
            let lines = self.aws.lines(&query, from_ms).await?;
            if lines.is_none() && !args.follow {
                return Err(no_log(args.source));
            }
            let lines = lines.unwrap_or_default();
            for line in lines.iter().filter(|line| self.is_of_source(args.source, line)) {
                if seen.insert(line.clone()) {
                    self.print_line(line)?;
                }
            }
            if !args.follow {
                return Ok(());
            }
            from_ms = lines.last().map_or(from_ms, |line| from_ms.max(line.timestamp - MAX_DELAY_MS));
            tokio::time::sleep(FOLLOW_INTERVAL).await;
        }
    }

    fn print_line(&self, line: &LogLine) -> Result<(), DeployError> {
        let time = DateTime::from_millis(line.timestamp).fmt(Format::DateTime).unwrap_or_default();
        if self.console.is_json() {
            return self.console.json_line(&as_json(&time, line));
        }
        self.console.line(format!("{time} {}", line.message.trim_end()));
        Ok(())
    }

    /// Returns whether a line is of the stage. Training jobs of all stages write to the same group.
    fn is_of_source(&self, source: LogSource, line: &LogLine) -> bool {
        let job = line.log_stream_name.split('/').next().unwrap_or_default();
        source != LogSource::Training || self.is_named(job)
    }

    /// Returns where a source's log is.
    async fn log_query(&self, args: &LogsArgs) -> Result<LogQuery, DeployError> {
        let filter = args.filter.clone();
        let query = |group: String| LogQuery { group, stream_prefix: None, filter };
        Ok(match args.source {
            LogSource::Function => {
                let state = self.aws.stack(Stack::Recommendations).await?.ok_or_else(|| self.nothing())?;
                let group = state.output(function_output::FUNCTION_LOG_GROUP_NAME)?;
                query(group.to_owned())
            }
            LogSource::Api => query(log_groups(&self.aws.stage) + "requests"),
            LogSource::Endpoint => {
                let state = self.aws.stack(Stack::SageMaker).await?.ok_or_else(|| self.nothing())?;
                let name = state.endpoint_name().filter(|_| state.has_model());
                let name = name.ok_or(DeployError::NoLog {
                    source_name: "endpoint",
                    remedy: "there is no endpoint; deploy one with --backend endpoint",
                })?;
                query(format!("{ENDPOINT_LOGS}{name}"))
            }
            // Other projects write to these groups, too.
            LogSource::Training => LogQuery {
                stream_prefix: Some(SAGEMAKER_PREFIX.to_owned()),
                ..query(TRAINING_LOGS.to_owned())
            },
            LogSource::Notebook => LogQuery {
                stream_prefix: Some(notebook(&self.aws.stage) + "/"),
                ..query(NOTEBOOK_LOGS.to_owned())
            },
        })
    }
}

/// Returns the error for a log group that does not exist.
fn no_log(source: LogSource) -> DeployError {
    let (source_name, remedy) = match source {
        LogSource::Function => ("function", "deploy again: the stack's log group was deleted"),
        LogSource::Api => {
            ("API", "set the parameter ApiLogging of the stack to use-account-role or manage-account-role")
        }
        LogSource::Endpoint => ("endpoint", "it writes its first line when it starts"),
        LogSource::Training => ("training jobs", "no job has run yet; start one with `mysfits-deploy train`"),
        LogSource::Notebook => ("notebook instance", "it writes its first line when it starts"),
    };
    DeployError::NoLog { source_name, remedy }
}

/// Returns a line as an object. A message that is JSON is part of it as JSON.
fn as_json(time: &str, line: &LogLine) -> Value {
    let message = serde_json::from_str(&line.message).ok().filter(Value::is_object);
    let message = message.unwrap_or_else(|| line.message.trim_end().into());
    json!({ "time": time, "stream": line.log_stream_name, "message": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_message_stays_json() {
        let line = |message: &str| LogLine {
            event_id: "1".to_owned(),
            log_stream_name: "s".to_owned(),
            timestamp: 0,
            message: message.to_owned(),
        };
        assert_eq!(as_json("t", &line("{\"a\":1}\n"))["message"]["a"], 1);
        assert_eq!(as_json("t", &line("START\n"))["message"], "START");
        assert_eq!(as_json("t", &line("7"))["message"], "7");
    }

    #[test]
    fn a_missing_log_names_its_remedy() {
        let text = no_log(LogSource::Api).to_string();
        assert!(text.contains("API") && text.contains("ApiLogging"), "{text}");
    }
}
