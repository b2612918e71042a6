//! Shall the greenhouse's windows be open? A k-NN endpoint knows; when it is away, they stay closed.
//!
//! This is the program under test. It knows where its endpoint is and nothing of who serves it.

use std::time::Duration;

use serde::Deserialize;

/// How often the endpoint is asked before it is given up.
pub const ATTEMPTS: u32 = 3;
/// How long one answer may take.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// What is done with the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// The label 0.
    Closed,
    /// The label 1.
    Open,
}

/// Why there is no advice.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No answer, a late one, or a refusal, and so at each attempt.
    #[error("the endpoint did not answer in {ATTEMPTS} attempts")]
    Away(#[source] ureq::Error),
    /// Invalid answer.
    #[error("the endpoint answered {0}, which is no advice")]
    Strange(f64),
}

#[derive(Deserialize)]
struct Answer {
    predictions: [Prediction; 1],
}

#[derive(Deserialize)]
struct Prediction {
    predicted_label: f64,
}

/// Asks the endpoint.
pub struct Adviser {
    agent: ureq::Agent,
    address: String,
}

impl Adviser {
    /// Asks the container at this URL, without a slash at its end.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
        Self { agent, address: format!("{url}/invocations") }
    }

    /// What to do at this temperature (°C) and humidity (%).
    ///
    /// # Errors
    /// [`AskError`] if the endpoint is away, or answers what it should not.
    pub fn ask(&self, temperature: f32, humidity: f32) -> Result<Windows, AskError> {
        let sample = format!("{temperature},{humidity}");
        let mut attempt = 1;
        let answer = loop {
            match self.invoke(&sample) {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                answer => break answer.map_err(AskError::Away)?,
            }
        };
        match answer.predictions[0].predicted_label {
            0.0 => Ok(Windows::Closed),
            1.0 => Ok(Windows::Open),
            other => Err(AskError::Strange(other)),
        }
    }

    /// The advice, or what is safe without one.
    #[must_use]
    pub fn windows(&self, temperature: f32, humidity: f32) -> Windows {
        self.ask(temperature, humidity).unwrap_or(Windows::Closed)
    }

    fn invoke(&self, sample: &str) -> Result<Answer, ureq::Error> {
        let request =
            self.agent.post(&self.address).content_type("text/csv").header("accept", "application/json");
        request.send(sample)?.body_mut().read_json()
    }
}
