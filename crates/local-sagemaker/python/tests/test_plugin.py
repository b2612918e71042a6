"""The pytest plugin, in a pytest run of its own."""


def test_fixtures_are_listed(pytester):
    result = pytester.runpytest_subprocess("--fixtures", "-q")
    result.stdout.fnmatch_lines_random(["local_sagemaker*", "sagemaker_endpoint*"])


def test_endpoint_is_in_the_environment_of_one_test(pytester, model):
    pytester.makepyfile(
        f"""
        import os

        import pytest

        VARIABLE = "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"

        def test_set(sagemaker_endpoint, monkeypatch):
            monkeypatch.setenv("AWS_PROFILE", "production")
            endpoint = sagemaker_endpoint({str(model)!r})
            assert os.environ[VARIABLE] == endpoint.url
            assert "AWS_PROFILE" not in os.environ
            with pytest.raises(RuntimeError, match="all models at once"):
                sagemaker_endpoint({str(model)!r})

        def test_unset():
            assert VARIABLE not in os.environ
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=2)
