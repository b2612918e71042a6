//! The page's state and what visitors can do with it. Components show it; nothing here renders.

mod account;
mod account_forms;
mod answers;
mod cards;
mod comparison;
mod config_store;
mod contact;
mod engagement;
mod feedback;
mod filter;
mod forms;
mod marks;
mod quiz;
mod quiz_stage;
mod quiz_trail;
mod route;
mod router;
mod stored;
mod user_pool;
mod what_if;

pub use account::VisitorAccount;
pub use account_forms::{ACCOUNT_ID, MY_ACCOUNT, open_account, reveal_passwords, switch_account_form};
pub use answers::QuizAnswers;
pub use cards::{CardData, card_by_id, card_by_slug, profile_html};
pub use comparison::{Comparison, entry_of_link};
pub use config_store::ConfigStore;
pub use contact::{CONTACT_ID, ContactForm};
pub use engagement::Engagement;
pub use feedback::is_feedback_sent;
pub use filter::{
    AlignmentFilter, FILTERS_ID, SORT, SORT_BY_AGE, SORT_BY_LIKES, SORT_BY_NAME, choice_id, restore_filters,
    select_filters_of_address, sort_cards, store_filters,
};
pub use forms::FormLock;
pub use marks::PendingAction;
pub use quiz::{FORM_ID, QUIZ_ID, Quiz, REVIEW_TITLE_ID, field_id, option_id, option_text};
pub use quiz_stage::{DecisionTableReason, QuizResult, QuizStage, ResultSource};
pub use route::{BANNER_LAYERS, BANNER_PATH, StaticPage, home_path, profile_path, questionnaire_path};
pub use router::{PROFILE_ID, Router};
pub use stored::Stored;
pub use what_if::{Alternative, Alternatives};
