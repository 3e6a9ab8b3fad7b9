# The Debian package: tools/package makes it. What is installed, and who is told.
install(TARGETS flotilla RUNTIME DESTINATION bin)
install(FILES deploy/completion/flotilla.bash DESTINATION share/bash-completion/completions RENAME flotilla)
install(FILES "${PROJECT_BINARY_DIR}/flotilla.1.gz" DESTINATION share/man/man1 OPTIONAL)
install(FILES deploy/systemd/flotilla.service DESTINATION /lib/systemd/system)
install(FILES conf/config.yml DESTINATION /etc/flotilla)
install(FILES README.md CHANGELOG.md THIRD_PARTY.md DESTINATION share/doc/flotilla)
install(FILES LICENSE DESTINATION share/doc/flotilla RENAME copyright)
install(FILES clients/python/flotilla.py DESTINATION share/doc/flotilla/examples)
install(DIRECTORY deploy/nginx deploy/monitoring DESTINATION share/doc/flotilla/examples)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME flotilla)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}${FLOTILLA_PACKAGE_REVISION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "self-service runner of containerized jobs")
set(CPACK_PACKAGE_DESCRIPTION
  "A job is defined once (image, command, memory, environment) and run by REST call, command line or web page; its status, \
exit code and log are kept. Containers run on this machine, by Docker daemons or on Amazon ECS.")
set(CPACK_PACKAGE_CONTACT "The Flotilla developers <flotilla@localhost>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, init-system-helpers, nftables, skopeo")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/deploy/debian/postinst;${PROJECT_SOURCE_DIR}/deploy/debian/prerm;\
${PROJECT_SOURCE_DIR}/deploy/debian/postrm;${PROJECT_SOURCE_DIR}/deploy/debian/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
