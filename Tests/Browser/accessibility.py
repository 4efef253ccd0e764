"""axe-core in the page, as the package axe-playwright-python brings it; without that package the check fails and says so."""

import glob
import sysconfig


def axe_source():
    found = glob.glob(f"{sysconfig.get_path('purelib')}/axe_playwright_python/axe.min.js")
    assert found, "axe-core is missing: pip install --no-deps axe-playwright-python"
    with open(found[0], encoding="utf-8") as file:
        return file.read()


def violations(driver):
    """What breaks WCAG 2.2 A or AA, in lines that say where."""
    # The page's policy forbids scripts of others: the browser's own door is not bound by it.
    driver.execute_script(axe_source())
    result = driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(done, (error) => done({ error: String(error) }));
    """)
    assert "error" not in result, result
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"] for node in violation["nodes"]
    ]
