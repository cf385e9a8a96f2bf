"""Makes every file of grades from results alone: tables, feedback pages, JUnit XML, run.json."""
