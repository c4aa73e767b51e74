# The scripts in tools/ do the work; where make is missing, call them with sh.
.PHONY: run demo test check trust manual

run:  ## set up, load the demo, serve it on 127.0.0.1:8000
	@sh tools/run

demo:  ## the same without serving
	@sh tools/demo

test:  ## every check and test
	@sh tools/test

check:  ## the quick part: format, lint, types, import contracts
	@sh tools/test --quick

trust:  ## the tests with many more generated cases
	@sh tools/test --trust

manual:  ## the screenshots of the manual, and the manual as one PDF in var/
	@sh tools/manual
