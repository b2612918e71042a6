//! The documentation's page about settings is generated: `UPDATE_EXPECT=1 cargo test -p mysfits-deploy-cli` writes it.

use expect_test::expect_file;

#[test]
fn the_page_about_settings_is_up_to_date() {
    expect_file!["../../../docs/deploying/settings.md"].assert_eq(&mysfits_deploy_cli::settings_reference());
}
