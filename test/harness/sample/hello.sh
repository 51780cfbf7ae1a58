#!/bin/sh
# Prints a greeting; the name may be given as the first argument.
echo "Hello, ${1:-world}: from a container image that was made without a daemon."
