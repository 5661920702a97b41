"""A file from the drop to the undo, in a real browser, with a row that fails and its download."""

import pytest

from accounts.models import Role
from crm.models import Import, Lead
from crm.services.imports_running import imports_run

pytestmark = pytest.mark.browser

FAIR = """Id;Mail;First name;Company;Wants demo on;Shoe size
1;ann@fair.example;Ann;Fairway;01.02.2026;38
2;bob@fair.example;Bob;Fairway;;44
;;Cy;=cmd();;40
"""


def test_a_file_goes_in_its_bad_row_comes_back_and_all_is_undone(sign_in, company):
    company.publish()
    before = Lead.objects.count()
    page = sign_in(Role.MARKETER)
    page.goto("/imports/")
    page.set_input_files("input[type=file]", {"name": "Fair.csv", "mimeType": "text/csv", "buffer": FAIR.encode()})
    page.get_by_role("button", name="Look at the file").click()

    page.wait_for_url("**/mapping/")
    assert page.get_by_label("Columns are separated by").input_value() == ";"
    assert page.get_by_label("Mail", exact=True).input_value() == "email"
    page.get_by_label("Wants demo on", exact=True).select_option("happened:demo_request")
    page.locator("#preview").get_by_text("demo_request").wait_for()
    assert not page.get_by_label("Type of Shoe size").is_visible()
    page.get_by_label("Shoe size", exact=True).select_option("new:lead")
    assert page.get_by_label("Type of Shoe size").is_visible()
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/start/")
    page.get_by_role("button", name="Start the import").click()
    page.get_by_text("Waiting for a worker.").wait_for()

    imports_run()
    page.get_by_role("heading", name="Rows that did not go in").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them").click()
    rejected = download.value.path().read_text("utf-8-sig")
    assert "'=cmd()" in rejected
    assert Lead.objects.count() == before + 2

    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo it now").click()
    page.get_by_text("being undone").first.wait_for()
    imports_run()
    page.get_by_role("heading", name="What the undo did").wait_for()
    assert page.get_by_text("leads it made went").is_visible()
    assert Lead.objects.count() == before
    assert Import.objects.get().state == Import.State.UNDONE
